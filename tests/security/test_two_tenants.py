"""What one tenant's admin asks with another's ids shows nothing of the other's and changes nothing of it.

Every route of the bot is asked, by its own table; those of the REST API are in tests/handlers/api/test_isolation.py.
That the other tenant's own admin is answered, and changes something, by the very same request proves that it asks for
something.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.models.account import Role
from engine.models.api_key import Scope
from handlers.web.api.table import ROUTES
from services.keys import Keys
from store.connect import Store
from tests.handlers.site.house import OTHER_ACCOUNT, Browser, House
from tests.security.asking import Caller
from tests.store.samples import ACCOUNT, OTHER_TENANT, TENANT, audit_record
from tests.unit.engine.factories import run_instances

ANOMALY = "anomaly-of-theirs"
PERSON = "Theodora"
KEY_NAME = "key-of-theirs"
CHANNEL = "C0THEIRS"
# What must never be in an answer to us, unless we sent it.
SECRETS = (ANOMALY, PERSON, KEY_NAME, CHANNEL, OTHER_ACCOUNT, "account-theirs", OTHER_TENANT)
IN_PATHS = {"account_id": OTHER_ACCOUNT, "anomaly_id": ANOMALY, "way": "oidc", "token": "x.y.png"}
QUERIES = {"/anomalies": f"?account={OTHER_ACCOUNT}&told=all"}
# What the forms of pages say; a new form fails until it is here.
FORMS: Mapping[str, Mapping[str, str]] = {
    "/start": {"account_id": OTHER_ACCOUNT},
    "/start/{account_id}": {"role_arn": f"arn:aws:iam::{OTHER_ACCOUNT}:role/dd0c-cost-readonly"},
    "/start/{account_id}/look": {},
    "/start/{account_id}/disconnect": {},
    "/anomalies/{anomaly_id}/verdict": {"verdict": "acknowledged", "revision": "1"},
    "/settings/digest": {"rhythm": "daily", "at": "07:15", "zone": "UTC"},
    "/settings/sensitivity": {"level": "low", "account": OTHER_ACCOUNT, "service": "rds"},
    "/settings/mode": {"mode": "strict", "account": OTHER_ACCOUNT},
    "/settings/role": {"user": "U0THEIRS", "role": "viewer"},
    "/settings/keys": {"name": "made", "scope": "read", "seed": "1", "days": ""},
    "/settings/keys/revoke": {"key_id": "KEY"},
    "/sign-in": {"name": PERSON, "password": "a guess"},
    "/sign-out": {},
    "/sign-out-everywhere": {},
}
# Whoever asks, they are about what is one's own.
OF_ONESELF = {"/settings/digest", "/settings/keys", "/settings/role", "/sign-in", "/sign-out", "/sign-out-everywhere"}
# Their account is watched already, so even its own admin changes nothing by these.
SETTLED = {"/start", "/start/{account_id}", "/start/{account_id}/look", "/sign-in"}
# Signed by Slack and Stripe: tests/handlers/test_two_workspaces_ids.py and tests/services/test_billing.py.
SIGNED = {"/v1/slack/commands", "/v1/slack/actions", "/v1/slack/events", "/v1/stripe/webhook"}
INGEST = "/v1/ingest"
NO_SUCH = 404
REFUSED = 400


class Neighbours:
    """Two tenants in one house: theirs has one of everything, and both have admins who ask for that."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.keys = Keys(house.store.api_keys, os.urandom, lambda: datetime.now(UTC))
        self.their_key_id = ""

    async def furnish(self) -> None:
        await self.house.put(ANOMALY, OTHER_TENANT)
        await self.house.store.tenants.save_alert_channel(OTHER_TENANT, CHANNEL, audit_record())
        _, row = await self.keys.create(OTHER_TENANT, KEY_NAME, list(Scope), by="operator")
        self.their_key_id = row.key_id

    async def ours(self) -> Browser:
        return await self.house.enter(Role.ADMIN, TENANT, name="Maria")

    async def theirs(self) -> Browser:
        return await self.house.enter(Role.ADMIN, OTHER_TENANT, name=PERSON)

    async def ask(self, method: str, path: str, browser: Browser) -> tuple[int, str, str]:
        """Ask with the ids of the other tenant; gives status, all that came, and all that was sent."""
        address = path.format(**IN_PATHS) + QUERIES.get(path, "")
        form = {name: self.their_key_id if word == "KEY" else word for name, word in FORMS.get(path, {}).items()}
        sent = {"data": {"csrf_token": browser.csrf, **form}} if method == "POST" else {}
        caller = Caller(self.house, browser, "")
        status, headers, body = await caller.ask(method, address, caller.cookie, **sent)
        return status, f"{headers}{body}", address + json.dumps(form)

    async def contents(self) -> dict[str, Any]:
        """All that is stored of the other tenant."""
        return await contents(self.house.store, OTHER_TENANT)


async def contents(store: Store, tenant_id: str) -> dict[str, Any]:
    database: Any = store._database  # noqa: SLF001 - no port reads everything
    names = sorted(await database.motor.list_collection_names())
    found = {name: await database.motor[name].find({"tenant_id": tenant_id}).to_list(None) for name in names}
    return {name: documents for name, documents in found.items() if documents}


@pytest.fixture
async def neighbours(whole: House) -> Neighbours:
    made = Neighbours(whole)
    await made.furnish()
    return made


def asked_by_people(house: House) -> list[tuple[str, str]]:
    """Every route that a browser asks; who is signed in, or nobody."""
    by_programs = {(route.method, route.path) for route in ROUTES} | {("POST", path) for path in (*SIGNED, INGEST)}
    return [(method, path) for method, path in house.routes if (method, path) not in by_programs and method != "HEAD"]


async def test_every_form_there_is_is_asked(whole: House) -> None:
    assert {path for method, path in asked_by_people(whole) if method == "POST"} == set(FORMS)
    assert {path for _, path in whole.routes} >= SIGNED | {INGEST}


async def test_no_route_reaches_across(neighbours: Neighbours) -> None:
    await neighbours.theirs()
    before = await neighbours.contents()
    for method, path in asked_by_people(neighbours.house):
        status, answer, sent = await neighbours.ask(method, path, await neighbours.ours())
        assert not [one for one in SECRETS if one in answer and one not in sent], f"{method} {path}"
        if "{account_id}" in path or "{anomaly_id}" in path:
            assert status == NO_SUCH, f"{method} {path} {status}"
        elif method == "POST" and path not in OF_ONESELF:
            assert status >= REFUSED, f"{method} {path} {status}"
        assert await neighbours.contents() == before, f"{method} {path}"


async def test_the_same_requests_show_and_change_it_for_its_own_admin(neighbours: Neighbours) -> None:
    # What disconnects their account comes last: nothing can be set of one that leaves.
    for method, path in sorted(asked_by_people(neighbours.house), key=lambda route: route[1].endswith("/disconnect")):
        browser = await neighbours.theirs()
        before = await neighbours.contents()
        status, answer, _ = await neighbours.ask(method, path, browser)
        if "{account_id}" in path or "{anomaly_id}" in path or (method == "POST" and path != "/sign-in"):
            assert status < REFUSED, f"{method} {path} {status}"
        if method == "POST" and path not in SETTLED:
            assert await neighbours.contents() != before, path
        if path.startswith(("/anomalies", "/dashboard", "/settings")) and method == "GET":
            assert [one for one in SECRETS if one in answer], path


async def test_records_of_the_other_tenant_s_account_are_not_taken(neighbours: Neighbours) -> None:
    before = await neighbours.contents()
    key, _ = await neighbours.keys.create(TENANT, "ours", [Scope.WRITE], by="operator")
    caller = Caller(neighbours.house, await neighbours.ours(), key)

    async def push(account_id: str) -> dict[str, int]:
        record = {**run_instances(["i-1"]), "recipientAccountId": account_id}
        status, _, body = await caller.ask("POST", INGEST, caller.key, data=json.dumps(record).encode())
        told = json.loads(body)
        assert status == 202, body
        return {name: told[name] for name in ("kept", "unknown")}

    assert await push(OTHER_ACCOUNT) == {"kept": 0, "unknown": 1}
    assert await neighbours.contents() == before
    assert await push(ACCOUNT) == {"kept": 1, "unknown": 0}

"""What one tenant does shows nothing of another's and changes nothing of it: every route, and every repository."""

import copy
import functools
import re
from collections.abc import Awaitable, Mapping
from typing import Any

import pytest

from engine.errors import Dd0cError
from handlers.web.api.table import ROUTES
from store.connect import Store
from store.indexes import INDEXES
from tests.handlers.api.office import OTHER_ACCOUNT, Office
from tests.store.calls import TENANT_CALLS
from tests.store.conftest import RETENTION_DAYS, Motor, fresh_database
from tests.store.samples import OTHER_TENANT, TENANT
from tests.store.zombie_samples import finding

pytestmark = pytest.mark.integration
# What documents of the installation itself hold: no tenant's.
NOBODYS = {"account_owners", "leases", "oauth_states", "seen", "trails", "trail_files"}
BODIES: Mapping[str, Any] = {
    "create_verdict": {"verdict": "expected"},
    "create_expectation": {"account_id": OTHER_ACCOUNT, "resource_type": "m5.large", "max_quantity": 1},
    "create_zombie_verdict": {"verdict": "not_idle"},
    "create_zombie_scan": {"account": OTHER_ACCOUNT},
    "create_webhook": {"url": "https://example.com/hook"},
    "change_webhook": {"state": "active"},
    "create_api_key": {"name": "x", "scopes": ["read"]},
    "change_accounts": {"mode": "strict"},
    "change_account": {"mode": "strict"},
    "change_thresholds": {"instance_days": 20},
    "change_baseline": {"sensitivity_override": "low"},
    "setup_account": {"account_id": OTHER_ACCOUNT},
    "create_account": {
        "aws_account_id": OTHER_ACCOUNT,
        "role_arn": f"arn:aws:iam::{OTHER_ACCOUNT}:role/dd0c-cost-readonly",
    },
}
# What names nobody's thing beforehand, and so makes one of one's own.
_PLACE = re.compile(" at 0x[0-9a-f]+")
MAKES_ITS_OWN = {"create_webhook", "create_api_key", "change_accounts", "change_thresholds"}


async def theirs(office: Office) -> dict[str, str]:
    """Make one of everything for the other tenant; parameter of a path -> id."""
    key = await office.make_key(tenant_id=OTHER_TENANT)
    hook = (await office.send("POST", "/v1/webhooks", BODIES["create_webhook"], key=key))[1]["webhook"]
    expected = (await office.send("POST", "/v1/expectations", BODIES["create_expectation"], key=key))[1]
    snoozed = {"verdict": "snoozed"}
    assert (await office.send("POST", "/v1/anomalies/anomaly-theirs/verdicts", snoozed, key=key))[0] == 200
    [snooze] = (await office.send("GET", "/v1/snoozes", key=key))[1]["snoozes"]
    await office.store.zombies.save_findings(OTHER_TENANT, [finding("z-theirs", account_id=OTHER_ACCOUNT)])
    return {
        "zombie_id": "z-theirs",
        "account_id": OTHER_ACCOUNT,
        "anomaly_id": "anomaly-theirs",
        "expectation_id": expected["expectation_id"],
        "snooze_id": snooze["snooze_id"],
        "webhook_id": hook["webhook_id"],
        "key_id": key.split("_")[1],
        "service": "ec2",
        "type": "m5.large",
    }


async def test_no_route_reaches_across(office: Office) -> None:
    ids = await theirs(office)
    before = await everything_of(office.store, OTHER_TENANT)
    assert before
    for route in ROUTES:
        body = BODIES[route.name] if route.body is not None else None
        answer = await office.send(route.method, route.path.format(**ids), body)
        if route.path_names or (body is not None and route.name not in MAKES_ITS_OWN):
            assert answer[0] in {404, 409}, (route.name, answer[1])
            assert answer[0] == 404 or route.name in {"setup_account", "create_account"}, route.name
        else:
            assert answer[0] in {200, 201}, (route.name, answer[1])
        secret = {ids[name] for name in ids.keys() - {"service", "type", *route.path_names}} | {"account-theirs"}
        assert not [one for one in secret if one in str(answer[1]) and one not in str(body)], route.name
    assert await everything_of(office.store, OTHER_TENANT) == before


async def test_no_repository_reaches_across(mongod_uri: str) -> None:
    """Every call gives the same with another tenant's documents beside, and leaves those as they were.

    The other tenant has a copy of every document the calls make: the same ids, the same values.
    """
    copies = await _copies(mongod_uri)
    alone = await _answers(mongod_uri, {})
    beside = await _answers(mongod_uri, copies)
    for name, answer in alone.items():
        assert answer == beside[name], name
    assert len(alone) == len(TENANT_CALLS)


async def _copies(uri: str) -> dict[str, list[dict[str, Any]]]:
    """Collection -> what the other tenant has in it: all that the calls ever wrote."""
    async with fresh_database(uri) as database:
        store = Store(database, retention_days=RETENTION_DAYS)
        await store.ensure_indexes()
        await _forget_nothing(database)
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for name, call in TENANT_CALLS.items():
            if not name.startswith("leaving.delete_tenant"):
                await _answer(call(store))
                for kind, documents in (await _dump(database, TENANT)).items():
                    found |= {(kind, str(one["_id"])): one for one in documents}
    copies: dict[str, list[dict[str, Any]]] = {}
    for (kind, _), document in found.items():
        if kind not in NOBODYS:
            copies.setdefault(kind, []).append(_as_theirs(kind, document))
    return copies


def _as_theirs(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """The same of the other tenant; what is unique over all tenants is another there."""
    other = {**copy.deepcopy(document), "tenant_id": OTHER_TENANT}
    del other["_id"]
    for path in _unique_everywhere(kind):
        *parents, last = path.split(".")
        holder = functools.reduce(lambda part, name: part.get(name) or {}, parents, other)
        if holder.get(last):
            holder[last] = f"{holder[last]}-theirs"
    return other


def _unique_everywhere(kind: str) -> list[str]:
    """The fields of which no two tenants may have the same."""
    indexes = [one.document for one in INDEXES[kind] if one.document.get("unique")]
    return [field for one in indexes if one["name"].startswith("system_") for field in one["key"]]


async def _answers(uri: str, copies: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    async with fresh_database(uri) as database:
        store = Store(database, retention_days=RETENTION_DAYS)
        await store.ensure_indexes()
        await _forget_nothing(database)
        for kind, documents in copies.items():
            for document in documents:
                await _insert(database, kind, document)
        before = await _dump(database, OTHER_TENANT)
        answers = {}
        for name, call in TENANT_CALLS.items():
            answers[name] = await _answer(call(store))
            assert await _dump(database, OTHER_TENANT) == before, f"{name} changed what another tenant has"
    return answers


async def _forget_nothing(database: Motor) -> None:
    """The dates of the samples lie in the past, and the server would delete what has expired whenever it likes."""
    for kind, indexes in INDEXES.items():
        for one in indexes:
            if "expireAfterSeconds" in one.document:
                await database[kind].drop_index(one.document["name"])


async def _insert(database: Motor, kind: str, document: dict[str, Any]) -> None:
    from pymongo.errors import DuplicateKeyError  # noqa: PLC0415 - the second of two that ever had the same key

    try:
        await database[kind].insert_one(dict(document))
    except DuplicateKeyError:
        return


async def _answer(asked: Awaitable[object]) -> str:
    """Write an answer down. A refusal is one too; waiting times follow the clock of the database."""
    try:
        answer = await asked
    except Dd0cError as error:
        return repr(error)
    return _PLACE.sub("", repr(round(answer) if isinstance(answer, float) else answer))


async def _dump(database: Motor, tenant_id: str) -> dict[str, list[dict[str, Any]]]:
    """All collections in one round trip: it is asked before and after every call there is."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in sorted(await database.list_collection_names())}
    steps = {name: [{"$match": {"tenant_id": tenant_id}}, {"$project": {"_": [name, "$$ROOT"]}}] for name in found}
    all_of_it: list[dict[str, Any]] = [
        {"$match": {"$expr": False}},
        *({"$unionWith": {"coll": name, "pipeline": steps[name]}} for name in found),
    ]
    async for row in database[next(iter(found))].aggregate(all_of_it):
        name, document = row["_"]
        found[name].append(document)
    return found


async def everything_of(store: Store, tenant_id: str) -> dict[str, list[dict[str, Any]]]:
    found = await _dump(store._database.motor, tenant_id)  # noqa: SLF001 - no repository shows all there is
    for key in found["api_keys"]:
        key.pop("last_used_at")
    return found

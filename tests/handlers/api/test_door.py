"""Who is let in, how often, with what; and that every refusal is a problem with a hint."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from engine.errors import Unavailable
from engine.models.account import Role
from engine.models.api_key import Scope
from engine.models.identity import Identity
from handlers.web.api.requests import LARGEST_BODY
from handlers.web.api.table import ROUTES
from store.connect import Store
from tests.handlers.api.office import OTHER_ACCOUNT, Office, served
from tests.store.samples import ACCOUNT, TENANT

pytestmark = pytest.mark.integration
VERDICTS = "/v1/anomalies/anomaly-ours/verdicts"
BODIES: tuple[tuple[bytes, int], ...] = (
    (b"", 400),
    (b"{", 400),
    (b"\xff\xfe", 400),
    (b"[" * 20_000, 400),
    (b'{"a":' * 10_000, 400),
    (b"null", 422),
    (b"[]", 422),
    (b'{"verdict": "loved"}', 422),
    (b'{"verdict": "undo", "more": 1}', 422),
    (b'{"verdict": "snoozed", "snooze_hours": 1e999}', 422),
    (b'{"verdict": "' + b"x" * LARGEST_BODY + b'"}', 413),
)
PATHS: tuple[tuple[str, int], ...] = (
    ("/v1/anomalies?limit=0", 400),
    ("/v1/anomalies?limit=1&limit=2", 400),
    ("/v1/anomalies?since=yesterday", 400),
    ("/v1/anomalies?since=2026-13-10T12:00:00Z", 400),
    ("/v1/anomalies?cursor=zz", 400),
    ("/v1/anomalies?unknown=1", 400),
    ("/v1/accounts/1", 404),
    (f"/v1/accounts/{ACCOUNT}?account_id=444455556666", 400),
    ("/v1/nothing", 404),
)


def check_problem(answer: tuple[int, Any, Any], status: int) -> dict[str, Any]:
    """A refusal is a problem detail with a hint; gives it."""
    assert answer[0] == status, answer[1]
    assert answer[2]["Content-Type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer[1]
    assert set(problem) == {"type", "title", "status", "detail", "hint"}
    assert problem["hint"]
    return problem


async def test_nobody_without_identity_and_nobody_without_the_scope(office: Office) -> None:
    weak = {scope: await office.make_key([one for one in Scope if one is not scope]) for scope in Scope}
    for route in ROUTES:
        path = route.path.format(account_id=ACCOUNT, **dict.fromkeys(set(route.path_names) - {"account_id"}, "x"))
        answer = await office.send(route.method, path, key="dd0c_wrong")
        check_problem(answer, 401)
        assert answer[2]["WWW-Authenticate"] == "Bearer"
        check_problem(await office.send(route.method, path, key=weak[route.scope]), 403)


async def test_a_viewer_reads_and_changes_nothing(office: Office) -> None:
    class Viewer:
        async def identify(self, _headers: Any) -> Identity:
            return Identity(
                tenant_id=TENANT, subject="U1", role=Role.VIEWER, scopes=frozenset(Scope), credential="x" * 43
            )

    office.services = type(office.services)(
        **{name: getattr(office.services, name) for name in office.services.__struct_fields__} | {"auth": Viewer()}
    )
    async with served(office):
        assert (await office.send("GET", "/v1/anomalies"))[0] == 200
        assert "role" in check_problem(await office.send("POST", VERDICTS, {"verdict": "undo"}), 403)["detail"]


async def test_too_many_requests_wait(api_store: Store) -> None:
    office = Office(api_store, per_minute=3)
    await office.furnish()
    async with served(office):
        answers = [await office.send("GET", "/v1/accounts") for _ in range(4)]
        assert [status for status, _, _ in answers] == [200, 200, 200, 429]
        check_problem(answers[3], 429)
        assert answers[3][2]["Retry-After"] == "20"
        other = await office.make_key()
        assert (await office.send("GET", "/v1/accounts", key=other))[0] == 200


async def test_many_keys_of_one_tenant_do_not_make_many_times_as_many_requests(api_store: Store) -> None:
    office = Office(api_store, per_minute=3, tenant_per_minute=5)
    await office.furnish()
    async with served(office):
        other = await office.make_key()
        keys = [office.key, other] * 3
        answers = [await office.send("GET", "/v1/accounts", key=key) for key in keys]
        assert [status for status, _, _ in answers] == [200, 200, 200, 200, 200, 429]
        check_problem(answers[-1], 429)
        assert answers[-1][2]["Retry-After"] == "12"


async def test_odd_bodies_are_refused_and_change_nothing(office: Office) -> None:
    for body, status in BODIES:
        check_problem(await office.send("POST", VERDICTS, body), status)
    assert not (await office.send("GET", VERDICTS))[1]["verdicts"]


async def test_only_plain_json_is_taken(office: Office) -> None:
    for headers in ({"Content_Type": "text/plain"}, {"Content_Encoding": "gzip"}, {"Content_Type": "application/xml"}):
        check_problem(await office.send("POST", VERDICTS, {"verdict": "undo"}, **headers), 415)


async def test_odd_addresses_are_refused(office: Office) -> None:
    for path, status in PATHS:
        check_problem(await office.send("GET", path), status)


async def test_another_method_is_named(office: Office) -> None:
    answer = await office.send("PUT", "/v1/accounts")
    check_problem(answer, 405)
    assert answer[2]["Allow"] == "GET,PATCH,POST"


async def test_no_refusal_repeats_what_was_sent(office: Office) -> None:
    answer = await office.send("POST", "/v1/webhooks", {"url": "https://user:hunter2@example.com/"})
    assert "hunter2" not in str(check_problem(answer, 422))


@pytest.mark.parametrize(("error", "status"), [(Unavailable("secret place"), 503), (ValueError("secret place"), 500)])
async def test_faults_of_ours_are_told_without_details(
    office: Office, error: Exception, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_tenant_id: str) -> Any:
        raise error

    monkeypatch.setattr(office.services.accounts, "find_accounts", broken)
    assert "secret" not in str(check_problem(await office.send("GET", "/v1/accounts"), status))


async def test_a_body_that_never_ends_is_given_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.web.api.requests._BODY_SECONDS", 0.05)

    async def pieces() -> Any:
        yield b"{"
        await asyncio.sleep(5)

    headers = {"Authorization": f"Bearer {office.key}", "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(office.url + VERDICTS, data=pieces(), headers=headers) as answer,
    ):
        assert answer.status == 408
        assert json.loads(await answer.text())["hint"]


async def test_what_is_not_written_as_it_must_be_is_said_in_words(office: Office) -> None:
    """A pattern tells nobody what to write."""
    for path, body, said in (
        ("/v1/webhooks", {"url": "http://127.0.0.1:9/x"}, "such as `https://example.com/hook`"),
        ("/v1/api-keys", {"name": "a\x1b[2J", "scopes": ["read"]}, "on one line"),
        ("/v1/accounts/setup", {"account_id": "12"}, "The 12 digits of an AWS account"),
        ("/v1/accounts", {"aws_account_id": OTHER_ACCOUNT, "role_arn": "role"}, "role/dd0c-cost-readonly"),
    ):
        detail = check_problem(await office.send("POST", path, body), 422)["detail"]
        assert said in detail
        assert "pattern" not in detail
    for path, status, said in (
        (
            "/v1/anomalies?account=12",
            400,
            "account: This is not written as it must be. The 12 digits of an AWS account.",
        ),
        ("/v1/anomalies?since=2026-11-21", 400, "since: must be a time like 2026-11-21T10:00:00Z"),
        ("/v1/anomalies/a.b", 404, "anomaly_id: This is not written as it must be."),
    ):
        assert check_problem(await office.send("GET", path), status)["detail"].startswith(said)

"""Idempotency keys: the same request takes effect once, also when whoever worked on it died."""

import asyncio
from typing import Any

import aiohttp
import pytest

from engine.errors import Unavailable
from services.idempotency import CLAIM, KEPT
from tests.handlers.api.office import Office
from tests.store.samples import ACCOUNT, OTHER_TENANT, TENANT

pytestmark = pytest.mark.integration
NEW_KEY = {"name": "ci", "scopes": ["read"]}
NEW_EXPECTATION = {"account_id": ACCOUNT, "resource_type": "p5.48xlarge", "max_quantity": 8}
NEW_WEBHOOK = {"url": "https://example.com/hook"}
VERDICTS = "/v1/anomalies/anomaly-ours/verdicts"
CREATIONS = (("/v1/api-keys", NEW_KEY), ("/v1/expectations", NEW_EXPECTATION), ("/v1/webhooks", NEW_WEBHOOK))


async def count(office: Office, path: str) -> int:
    [listed] = (await office.send("GET", path))[1].values()
    return len(listed)


async def test_the_same_request_is_answered_the_same(office: Office) -> None:
    for path, body in CREATIONS:
        before = await count(office, path)
        first = await office.send("POST", path, body, Idempotency_Key=f"k-{path}")
        again = await office.send("POST", path, body, Idempotency_Key=f"k-{path}")
        assert (first[0], first[1]) == (again[0], again[1]) == (201, first[1])
        assert await count(office, path) == before + 1


async def test_without_a_key_it_takes_effect_each_time(office: Office) -> None:
    answers = [(await office.send("POST", "/v1/api-keys", NEW_KEY))[1]["key"] for _ in range(2)]
    assert len(set(answers)) == 2


async def test_another_request_under_the_key_is_refused(office: Office) -> None:
    await office.send("POST", "/v1/api-keys", NEW_KEY, Idempotency_Key="k")
    status, refusal, _ = await office.send("POST", "/v1/api-keys", {**NEW_KEY, "name": "x"}, Idempotency_Key="k")
    assert (status, "another request" in refusal["detail"]) == (409, True)


async def test_keys_of_others_are_others(office: Office) -> None:
    first = (await office.send("POST", "/v1/api-keys", NEW_KEY, Idempotency_Key="k"))[1]["key"]
    for key in (await office.make_key(), await office.make_key(tenant_id=OTHER_TENANT)):
        status, answer, _ = await office.send("POST", "/v1/api-keys", NEW_KEY, key=key, Idempotency_Key="k")
        assert (status, answer["key"] == first) == (201, False)


async def test_after_a_day_a_key_is_new(office: Office) -> None:
    """MongoDB forgets it by itself; what it forgets by is there."""
    await office.send("POST", "/v1/api-keys", NEW_KEY, Idempotency_Key="k")
    rows = office.store.idempotency._rows  # noqa: SLF001 - no port shows rows
    [row] = [row async for row in rows.find({})]
    assert row["expires_at"] - office.now == KEPT
    assert "dd0c_" not in str(row)


async def test_of_many_at_once_one_takes_effect(office: Office) -> None:
    before = await count(office, "/v1/api-keys")
    sent = [office.send("POST", "/v1/api-keys", NEW_KEY, Idempotency_Key="k") for _ in range(8)]
    answers = await asyncio.gather(*sent)
    assert {status for status, _, _ in answers} <= {201, 409}
    assert len({answer["key"] for status, answer, _ in answers if status == 201}) == 1
    assert await count(office, "/v1/api-keys") == before + 1


async def test_a_crash_before_the_answer_is_kept_makes_nothing_twice(office: Office) -> None:
    for path, body in CREATIONS:
        await _die_before_the_answer(office, path, body)
        made = await count(office, path)
        again = await office.send("POST", path, body, Idempotency_Key=f"k-{path}")
        assert again[0] == 409, "somebody may still work on it"
        assert int(again[2]["Retry-After"]) > 0
        office.turn(CLAIM)
        recovered = await office.send("POST", path, body, Idempotency_Key=f"k-{path}")
        assert recovered[0] == 201
        assert await count(office, path) == made
        assert recovered[1] == (await office.send("POST", path, body, Idempotency_Key=f"k-{path}"))[1]


async def test_the_key_that_was_made_before_the_crash_is_the_one_that_works(office: Office) -> None:
    await _die_before_the_answer(office, "/v1/api-keys", NEW_KEY)
    office.turn(CLAIM)
    made = (await office.send("POST", "/v1/api-keys", NEW_KEY, Idempotency_Key="k-/v1/api-keys"))[1]
    assert (await office.send("GET", "/v1/accounts", key=made["key"]))[0] == 200


async def test_an_undo_that_crashed_takes_one_label_back(office: Office) -> None:
    for said in ("acknowledged", "expected"):
        await office.send("POST", VERDICTS, {"verdict": said})
    await _die_before_the_answer(office, VERDICTS, {"verdict": "undo"})
    office.turn(CLAIM)
    again = await office.send("POST", VERDICTS, {"verdict": "undo"}, Idempotency_Key=f"k-{VERDICTS}")
    assert (again[0], again[1]["anomaly"]["status"]) == (200, "acknowledged")


async def test_a_refusal_is_not_kept(office: Office) -> None:
    path, body = "/v1/expectations", {**NEW_EXPECTATION, "account_id": "999999999999"}
    for _ in range(2):
        assert (await office.send("POST", path, body, Idempotency_Key="k"))[0] == 404
    assert (await office.send("POST", path, NEW_EXPECTATION, Idempotency_Key="k"))[0] == 201


async def test_when_the_database_goes_away_the_request_may_come_again_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_args: Any) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(office.services.declarations._patterns, "insert_expectation", away)  # noqa: SLF001 - the fault
        status, _, headers = await office.send("POST", "/v1/expectations", NEW_EXPECTATION, Idempotency_Key="k")
        assert (status, int(headers["Retry-After"]) > 0) == (503, True)
    assert (await office.send("POST", "/v1/expectations", NEW_EXPECTATION, Idempotency_Key="k"))[0] == 201
    assert len(await office.store.patterns.find_expectations(TENANT, office.now, 10)) == 1


async def _die_before_the_answer(office: Office, path: str, body: Any) -> None:
    """Let it take effect, and lose what was to be kept of it, as a process does that is killed there."""
    rows = office.store.idempotency
    finish = rows.finish

    async def killed(*_args: Any) -> None:
        raise asyncio.CancelledError

    rows.finish = killed  # type: ignore[method-assign, assignment] # for this one request
    try:
        with pytest.raises(aiohttp.ClientError):
            await office.send("POST", path, body, Idempotency_Key=f"k-{path}")
    finally:
        rows.finish = finish  # type: ignore[method-assign] # as it was

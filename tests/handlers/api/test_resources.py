"""Each resource from outside: what is given, what it changes."""

import json
from datetime import timedelta
from typing import Any

import pytest

from engine.models.api_key import Scope
from engine.models.audit import AuditAction
from engine.models.delivery import DeliveryState
from engine.zombies.models import Scan, Trouble
from store.export import EXPORTED
from store.indexes import INDEXES
from tests.handlers.api.office import OTHER_ACCOUNT, Office
from tests.store.samples import ACCOUNT, NOW, TENANT, anomaly, changes
from tests.store.zombie_samples import finding

pytestmark = pytest.mark.integration
ANOMALY = "/v1/anomalies/anomaly-ours"
VERDICTS = f"{ANOMALY}/verdicts"
QUERIES: tuple[tuple[str, int], ...] = (
    ("since=2026-03-10T12:00:00Z", 3),
    ("until=2026-03-10T11:00:00Z", 1),
    ("since=2026-03-10T14:00:00%2B02:00&until=2026-03-10T12:01:00Z", 2),
    ("severity=critical", 0),
    ("severity=critical&severity=warning", 4),
    ("status=expected", 0),
    ("decision=log", 0),
    (f"account={ACCOUNT}", 4),
    ("account=999999999999", 0),
    ("actor=arn:aws:iam::111122223333:role/ci", 4),
    ("actor=nobody", 0),
)
EXPECTED = {"account_id": ACCOUNT, "resource_type": "p5.48xlarge", "max_quantity": 8}


async def give(office: Office, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
    """Send it, and check how it was answered."""
    answered, content, _ = await office.send(method, path, body, **headers)
    assert answered == status, content
    return content


async def add_anomalies(office: Office, count: int) -> None:
    """A new one each minute, by as many actors."""
    made = {f"more-{n:03}": anomaly(f"more-{n:03}", last_event_time=NOW + timedelta(minutes=n)) for n in range(count)}
    loaded = await office.store.ledger.load_state(TENANT, ACCOUNT, [], NOW)
    await office.store.ledger.commit(
        TENANT, loaded, changes(baseline=loaded.state.baseline, cost_events=[], resources={}, anomalies=made), NOW
    )


async def test_accounts_are_listed_and_leave(office: Office) -> None:
    [listed] = (await give(office, "GET", "/v1/accounts"))["accounts"]
    assert listed == await give(office, "GET", f"/v1/accounts/{ACCOUNT}")
    assert "external" not in str(listed)
    for _ in range(2):
        gone = await give(office, "DELETE", f"/v1/accounts/{ACCOUNT}", status=202)
        assert gone["status"] == "disconnecting"
    assert len(office.queue.items) == 1


async def test_a_mode_can_be_made_stricter_and_that_be_taken_back(office: Office) -> None:
    before = await give(office, "GET", f"/v1/accounts/{ACCOUNT}")
    strict = await give(office, "PATCH", f"/v1/accounts/{ACCOUNT}", {"mode": "strict"})
    assert (strict["mode"], bool(strict["mode_set_by"]), strict["mode_by_policy"]) == ("strict", True, False)
    assert await give(office, "PATCH", f"/v1/accounts/{ACCOUNT}", {"mode": "default"}) == before
    [listed] = (await give(office, "PATCH", "/v1/accounts", {"mode": "strict"}))["accounts"]
    assert listed == strict
    assert (await give(office, "PATCH", "/v1/accounts", {"mode": "default"}))["accounts"] == [before]
    await give(office, "PATCH", f"/v1/accounts/{ACCOUNT}", {"mode": "audit"}, 422)
    await give(office, "PATCH", f"/v1/accounts/{OTHER_ACCOUNT}", {"mode": "strict"}, 404)


async def test_what_is_made_and_taken_away_is_in_the_audit_log(office: Office) -> None:
    made = await give(office, "POST", "/v1/webhooks", {"url": "https://example.com/hook"}, 201)
    path = f"/v1/webhooks/{made['webhook']['webhook_id']}"
    await give(office, "PATCH", path, {"state": "active"})
    assert (await office.send("DELETE", path))[0] in {200, 204}
    entries = (await office.store.audit.find_chain(TENANT)).entries[-3:]
    assert [one.action for one in entries] == ["webhook.created", "webhook.woken", "webhook.deleted"]
    assert len({(one.actor, one.details["webhook_id"]) for one in entries}) == 1


async def test_pages_of_anomalies_hold_each_once(office: Office) -> None:
    await add_anomalies(office, 7)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await give(office, "GET", f"/v1/anomalies?limit=3{cursor and f'&cursor={cursor}'}")
        seen += [one["anomaly_id"] for one in page["anomalies"]]
        cursor = page["next_cursor"]
    assert seen == [*(f"more-{n:03}" for n in reversed(range(7))), "anomaly-ours"]


async def test_anomalies_are_filtered(office: Office) -> None:
    await add_anomalies(office, 3)
    for query, count in QUERIES:
        assert len((await give(office, "GET", f"/v1/anomalies?{query}"))["anomalies"]) == count, query


async def test_a_card_is_linked(office: Office) -> None:
    delivery = await office.store.outbox.find_delivery(TENANT, "anomaly-ours")
    assert delivery is not None
    sent = {"channel_id": "C1", "message_ts": "17.5", "state": DeliveryState.SENT}
    claimed = await office.store.outbox.claim_one(TENANT, "anomaly-ours", NOW, 5.0)
    assert claimed is not None
    fields = {name: getattr(claimed, name) for name in claimed.__struct_fields__}
    await office.store.outbox.save_delivery(TENANT, type(claimed)(**{**fields, **sent}))
    shown = await give(office, "GET", ANOMALY)
    assert shown["slack_message_url"].endswith("?team=T-0001&channel=C1&message_ts=17.5")


async def test_a_verdict_is_a_click(office: Office) -> None:
    answer = await give(office, "POST", VERDICTS, {"verdict": "expected"})
    assert (answer["changed"], answer["anomaly"]["status"]) == (True, "expected")
    assert answer["anomaly"]["status_by"].startswith("key:")
    again = await give(office, "POST", VERDICTS, {"verdict": "unexpected"})
    assert (again["changed"], again["anomaly"]["status"]) == (False, "expected")
    [expectation] = (await give(office, "GET", "/v1/expectations"))["expectations"]
    assert expectation["resource_types"] == ["m5.large"]
    undone = await give(office, "POST", VERDICTS, {"verdict": "undo"})
    assert undone["anomaly"]["status"] == "open"
    assert [one["verdict"] for one in (await give(office, "GET", VERDICTS))["verdicts"]] == ["expected", "undone"]


async def test_a_snooze_is_listed_and_ends(office: Office) -> None:
    await give(office, "POST", VERDICTS, {"verdict": "snoozed", "snooze_hours": 2})
    [snooze] = (await give(office, "GET", "/v1/snoozes"))["snoozes"]
    assert snooze["until"] == "2026-03-10T14:00:00.000Z"
    await give(office, "DELETE", f"/v1/snoozes/{snooze['snooze_id']}", status=204)
    assert (await give(office, "GET", ANOMALY))["status"] == "open"
    await give(office, "DELETE", f"/v1/snoozes/{snooze['snooze_id']}", status=404)


async def test_expectations_are_declared_and_taken_back(office: Office) -> None:
    made = await give(office, "POST", "/v1/expectations", EXPECTED, status=201)
    assert made["until"] == "2026-03-17T12:00:00.000Z"
    assert made == await give(office, "GET", f"/v1/expectations/{made['expectation_id']}")
    await give(office, "DELETE", f"/v1/expectations/{made['expectation_id']}", status=204)
    await give(office, "GET", f"/v1/expectations/{made['expectation_id']}", status=404)
    assert not (await give(office, "GET", "/v1/expectations"))["expectations"]


async def test_a_declaration_ends_within_a_year(office: Office) -> None:
    for until in ("2026-03-10T12:00:00Z", "2028-03-10T12:00:00Z", "0001-01-01T00:00:00+14:00"):
        refusal = await give(office, "POST", "/v1/expectations", {**EXPECTED, "until": until}, 409)
        assert "until" in refusal["detail"]


async def test_baselines_say_what_is_normal_and_take_an_override(office: Office) -> None:
    path = f"/v1/accounts/{ACCOUNT}/baselines"
    await give(office, "PATCH", f"{path}/ec2/m5.large", {"sensitivity_override": "low"})
    known = await give(office, "GET", path)
    [seen] = known["expected_types"]
    assert (seen["resource_type"], seen["maximum_hourly_cost_usd"]) == ("m5.large", 0.096)
    assert (seen["sensitivity"], seen["sensitivity_override"]) == ("low", "low")
    assert known["maturity"]["is_young"]
    await give(office, "PATCH", f"{path}/nothing/m5.large", {"sensitivity_override": "low"}, 404)
    await give(office, "PATCH", f"{path}/ec2/m5.large", {"sensitivity_override": "loud"}, 422)


async def test_a_key_is_shown_once_works_and_ends(office: Office) -> None:
    made = await give(office, "POST", "/v1/api-keys", {"name": "ci", "scopes": ["read"], "expires_in_days": 2}, 201)
    assert made["key"] not in str(await give(office, "GET", "/v1/api-keys"))
    status, _, _ = await office.send("GET", "/v1/accounts", key=made["key"])
    assert status == 200
    await give(office, "DELETE", f"/v1/api-keys/{made['api_key']['key_id']}", status=204)
    status, _, _ = await office.send("GET", "/v1/accounts", key=made["key"])
    assert status == 401


async def test_a_key_gives_no_more_than_it_has(office: Office) -> None:
    weak = await office.make_key([Scope.WRITE])
    body = {"name": "strong", "scopes": ["write", "read"]}
    status, refusal, _ = await office.send("POST", "/v1/api-keys", body, key=weak)
    assert (status, refusal["status"]) == (403, 403)


async def test_an_export_holds_everything_but_secrets_and_is_recorded(office: Office) -> None:
    await give(office, "POST", "/v1/webhooks", {"url": "https://example.com/hook"}, 201)
    lines = [json.loads(line) for line in (await give(office, "GET", "/v1/export")).splitlines()]
    kinds = [one["kind"] for one in lines]
    assert {"tenants", "accounts", "anomalies", "cost_events", "api_keys", "webhooks", "audit_log"} <= set(kinds)
    assert lines[-1] == {"kind": "end", "data": {"complete": True, "lines": len(lines) - 1}}
    assert "whsec_" not in str(lines)
    assert not any("digest" in one["data"] for one in lines if one["kind"] == "api_keys")
    chain = await office.store.audit.find_chain(TENANT)
    assert chain.entries[-1].action == AuditAction.DATA_EXPORTED


def test_every_collection_is_exported_or_nobody_s() -> None:
    """A collection that is added must be thought of: is it the tenant's, then it goes along."""
    ours_alone = {
        "account_owners",
        "audit_heads",
        "card_budgets",
        "channel_turns",
        "homes",
        "idempotency",
        "installations",
        "leases",
        "oauth_states",
        "seen",
        "sessions",
        "trail_files",
        "trails",
    }
    assert set(INDEXES) - ours_alone <= set(EXPORTED)


async def test_an_account_is_set_up_proved_and_looked_after(office: Office) -> None:
    account_id = "777788889999"
    asked = {"aws_account_id": account_id, "role_arn": f"arn:aws:iam::{account_id}:role/good"}
    await give(office, "POST", "/v1/accounts", asked, 404)
    setup = await give(office, "POST", "/v1/accounts/setup", {"aws_account_id": account_id})
    assert setup == await give(office, "POST", "/v1/accounts/setup", {"account_id": setup["account_id"]})
    await give(office, "POST", "/v1/accounts/setup", {"account_id": account_id, "aws_account_id": account_id}, 422)
    assert setup["external_id"] in setup["trust_policy"]
    bad = await give(office, "POST", "/v1/accounts", {**asked, "role_arn": f"arn:aws:iam::{account_id}:role/bad"})
    assert (bad["connected"], bool(bad["problems"][0]["hint"])) == (False, True)
    assert bad["problems"][0]["candidates"] == ["external_id_mismatch", "wrong_principal"]
    assert (await give(office, "GET", f"/v1/accounts/{account_id}/health"))["problems"] == bad["problems"]
    good = await give(office, "POST", "/v1/accounts", {"account_id": account_id, "role_arn": asked["role_arn"]})
    assert (good["connected"], good["regions"], good["regions_off"]) == (True, ["us-east-1"], ["me-south-1"])
    assert (await office.store.audit.find_chain(TENANT)).entries[-1].action == AuditAction.CONNECTED
    health = await give(office, "GET", f"/v1/accounts/{account_id}/health")
    assert (health["status"], health["name"]) == ("learning", "sandbox")


async def test_another_tenant_s_account_is_not_to_be_had(office: Office) -> None:
    refusal = await give(office, "POST", "/v1/accounts/setup", {"aws_account_id": OTHER_ACCOUNT}, 409)
    assert "another workspace" in refusal["detail"]


async def test_thresholds_of_zombies_are_set_together_or_not_at_all(office: Office) -> None:
    path = "/v1/zombies/thresholds"
    shown = await give(office, "PATCH", path, {"nat_days": 20, "volume_operations": 3.5})
    own = {one["name"]: one["value"] for one in shown["thresholds"] if one["value"] != one["usual"]}
    assert own == {"nat_days": 20, "volume_operations": 3.5}
    for wrong in ({"nat_days": 10, "nat_hours": 1}, {"nat_days": 10, "table_days": 0}, {"nat_days": "soon"}):
        await give(office, "PATCH", path, wrong, status=422)
    await give(office, "PATCH", path, {"nat_days": 10, "volume_days": 31}, status=409)
    await give(office, "PATCH", path, {"volume_operations": None})
    shown = await give(office, "GET", path)
    own = {one["name"]: one["value"] for one in shown["thresholds"] if one["value"] != one["usual"]}
    assert own == {"nat_days": 20}


async def test_a_program_has_accounts_looked_at_again_and_sees_when_that_was_done(office: Office) -> None:
    assert await give(office, "POST", "/v1/zombies/scans", {"account": ACCOUNT}) == {"account_ids": [ACCOUNT]}
    [(_, ask)] = await office.store.system.find_zombie_asks(5)
    assert (ask.user_id, ask.account_ids) == ("", (ACCOUNT,))
    assert (await office.send("POST", "/v1/zombies/scans", {"account": "999999999999"}))[0] == 404
    begun = {"ended_before": office.clock(), "begun_before": office.clock()}
    assert await office.store.zombies.begin_scan(TENANT, ACCOUNT, office.clock(), **begun)
    [scan] = (await give(office, "GET", "/v1/zombies"))["scans"]
    assert (scan["account_id"], scan["ended_at"], scan["error"]) == (ACCOUNT, None, "")
    troubles = (Trouble("eu-west-1", "EKS", "denied"),)
    ended = Scan(account_id=ACCOUNT, began_at=office.clock(), ended_at=office.clock(), troubles=troubles)
    await office.store.zombies.end_scan(TENANT, ended)
    [scan] = (await give(office, "GET", "/v1/zombies"))["scans"]
    assert (scan["ended_at"], scan["troubles"]) == (scan["began_at"], ["EKS in eu-west-1: denied"])
    assert (await give(office, "POST", "/v1/zombies/scans", {}))["account_ids"] == []


async def test_a_verdict_on_a_zombie_is_taken_back(office: Office) -> None:
    await office.store.zombies.save_findings(TENANT, [finding()])
    await give(office, "POST", "/v1/zombies/z-1/verdicts", {"verdict": "keep"}, status=409)
    await give(office, "POST", "/v1/zombies/z-1/verdicts", {"verdict": "not_idle"})
    assert (await give(office, "GET", "/v1/zombies"))["total"] == 0
    assert [one["zombie_id"] for one in (await give(office, "GET", "/v1/zombies?hidden=true"))["zombies"]] == ["z-1"]
    assert (await give(office, "DELETE", "/v1/zombies/z-1/verdicts"))["verdict"] is None
    assert (await give(office, "GET", "/v1/zombies"))["total"] == 1
    await give(office, "DELETE", "/v1/zombies/z-1/verdicts", status=409)

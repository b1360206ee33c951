"""One call of every method of every repository, in an order that works on a new database."""

from collections.abc import Awaitable, Callable
from typing import Any

from clients.cipher import Cipher
from engine.models.account import Arrivals, GovernanceMode, OperatorPanic, Role
from engine.models.anomaly import AnomalyStatus, DecisionKind, Severity
from engine.models.breaker import Breaker, Scope
from engine.models.delivery import CardPlace, Delivery, DeliveryState
from engine.models.home import Home
from engine.models.lease import Lease
from engine.models.policy import Policy
from engine.models.post import Withdrawal
from engine.models.routing import Route
from engine.models.schedule import DigestSchedule
from engine.models.search import Criteria
from engine.models.sensitivity import Sensitivity, SensitivityRule
from engine.models.spend import BudgetKind, SpendKey
from engine.models.trail import TrailTally
from engine.models.verdict import Label
from engine.zombies.models import FindingStatus
from engine.zombies.thresholds import Thresholds
from store.access_keys import AccessKeys
from store.connect import Store
from store.installations import Installations
from store.oauth_states import OauthStates
from store.trackers import Trackers
from tests.store.api_samples import POSITION, changed, idempotent, webhook, webhook_delivery
from tests.store.noted_samples import asked_about, sealed_access_key, sealed_tracker, tracker
from tests.store.samples import (
    ACCOUNT,
    HOUR,
    NOW,
    TENANT,
    account,
    anomaly,
    api_key,
    audit_record,
    baseline,
    batch,
    changes,
    cursor,
    expectation,
    installation,
    loaded,
    post,
    sealed_installation,
    session,
    settlement,
    snooze,
    tenant,
    tombstone,
    trail_file,
    trail_row,
    user,
    verdict,
)
from tests.store.spend_samples import DAY, bill, day_bill, spend_budget, tag_bill
from tests.store.zombie_samples import ask, finding, kept, scan

RULE = SensitivityRule(level=Sensitivity.LOW, service="rds")
CRITERIA = Criteria(
    since=NOW, severities=tuple(Severity), decisions=tuple(DecisionKind), statuses=tuple(AnomalyStatus), account_id="1"
)
BREAKER = Breaker("young_creep", Scope(TENANT, ACCOUNT), opened_at=NOW, in_hour=4, allowed=3.0)
HOME = Home(user_id="U1", opened_at=NOW, due_at=NOW)
Call = Callable[[Store], Awaitable[object]]

SENT = Delivery(
    anomaly_id="anomaly-1",
    account_id=ACCOUNT,
    channel_id="C1",
    state=DeliveryState.SENT,
    wanted=1,
    shown=1,  # Another revision is wanted by then, so that both writes of save_delivery are made.
    due_at=NOW,
    created_at=NOW,
)


def _record_verdicts(store: Store) -> Awaitable[None]:
    label = Label(
        before=anomaly(expectation_id="an-old-one"),
        after=anomaly(revision=2, status=AnomalyStatus.SNOOZED, snoozed_until=NOW, expectation_id="expectation-1"),
        verdict=verdict(),
        expectation=expectation(),
        snooze=snooze(),
    )
    return store.anomalies.record_verdicts(TENANT, [label], NOW)


async def _begin_leaving(store: Store) -> None:
    """Another account, for the one of all other calls stays."""
    await store.accounts.insert_account(TENANT, account("444455556666"))
    assert await store.accounts.begin_leaving(TENANT, "444455556666", "It goes.", audit_record())


TENANT_CALLS: dict[str, Call] = {
    "breakers.open": lambda store: store.breakers.open(BREAKER),
    "breakers.find_open": lambda store: store.breakers.find_open(TENANT, ACCOUNT),
    "breakers.find_breaker": lambda store: store.breakers.find_breaker("young_creep", BREAKER.scope),
    "breakers.note_told": lambda store: store.breakers.note_told(BREAKER, NOW),
    "breakers.close": lambda store: store.breakers.close(BREAKER, NOW),
    "breakers.count_alerts": lambda store: store.breakers.count_alerts(BREAKER.scope, of="young_creep", since=NOW),
    "breakers.count_others": lambda store: store.breakers.count_others(BREAKER.scope, than="young_creep", since=NOW),
    "tenants.save_tenant": lambda store: store.tenants.save_tenant(tenant()),
    "tenants.lose_channel": lambda store: store.tenants.lose_channel(TENANT, "C1"),
    "tenants.regain_channel": lambda store: store.tenants.regain_channel(TENANT, "C1"),
    "tenants.find_tenant": lambda store: store.tenants.find_tenant(TENANT),
    "users.save_user": lambda store: store.users.save_user(TENANT, user()),
    "users.find_user": lambda store: store.users.find_user(TENANT, "U1"),
    "users.find_names": lambda store: store.users.find_names(TENANT, ["U1"]),
    "users.find_users": lambda store: store.users.find_users(TENANT),
    "sessions.insert_session": lambda store: store.sessions.insert_session(TENANT, session()),
    "sessions.find_session": lambda store: store.sessions.find_session(TENANT, "session-1"),
    "sessions.delete_session": lambda store: store.sessions.delete_session(TENANT, "session-1"),
    "sessions.delete_sessions_of": lambda store: store.sessions.delete_sessions_of(TENANT, "U1"),
    "users.delete_user": lambda store: store.users.delete_user(TENANT, "U1"),
    "billing_rows.find_billing": lambda store: store.billing_rows.find_billing(TENANT),
    "billing_rows.save_customer": lambda store: store.billing_rows.save_customer(TENANT, "cus_1"),
    "billing_rows.settle": lambda store: store.billing_rows.settle(TENANT, settlement(), NOW),
    "tenants.save_roles": lambda store: store.tenants.save_roles(TENANT, {"U1": Role.VIEWER}, audit_record()),
    "tenants.save_alert_channel": lambda store: store.tenants.save_alert_channel(TENANT, "C2", audit_record()),
    "tenants.save_alert_budget": lambda store: store.tenants.save_alert_budget(TENANT, 5, audit_record()),
    "tenants.save_route": lambda store: store.tenants.save_route(TENANT, Route(channel_id="C2"), audit_record()),
    "tenants.delete_route": lambda store: store.tenants.delete_route(TENANT, Route(channel_id=""), audit_record()),
    "tenants.save_zombie_thresholds": lambda store: store.tenants.save_zombie_thresholds(
        TENANT, {"nat_days": 14, "table_days": None}, audit_record()
    ),
    "tenants.save_digest": lambda store: store.tenants.save_digest(TENANT, DigestSchedule(), audit_record()),
    "accounts.insert_account": lambda store: store.accounts.insert_account(TENANT, account()),
    "accounts.open_account": lambda store: store.accounts.open_account(
        TENANT, account(status="learning"), audit_record(), sealed_access_key()
    ),
    "accounts.save_progress": lambda store: store.accounts.save_progress(TENANT, account()),
    "access_keys.find_key": lambda store: _access_keys(store).find_key(TENANT, ACCOUNT),
    "access_keys.reseal": lambda store: _access_keys(store).reseal(TENANT, sealed_access_key()),
    "accounts.find_account": lambda store: store.accounts.find_account(TENANT, ACCOUNT),
    "accounts.find_accounts": lambda store: store.accounts.find_accounts(TENANT),
    "accounts.add_regions": lambda store: store.accounts.add_regions(TENANT, ACCOUNT, ["eu-north-1"]),
    "accounts.save_access": lambda store: store.accounts.save_access(TENANT, account(), account().status, "it opens"),
    "accounts.promote_account": lambda store: store.accounts.promote_account(TENANT, ACCOUNT, audit_record()),
    "accounts.begin_leaving": _begin_leaving,
    "accounts.keep_refusal": lambda store: store.accounts.keep_refusal(TENANT, account()),
    "accounts.save_mode_choice": lambda store: store.accounts.save_mode_choice(TENANT, ACCOUNT, "U1", audit_record()),
    "tenants.save_strict_choice": lambda store: store.tenants.save_strict_choice(TENANT, "U1", audit_record()),
    "accounts.save_sensitivities": lambda store: store.accounts.save_sensitivities(
        TENANT, ACCOUNT, [RULE], audit_record()
    ),
    "accounts.save_cursors": lambda store: store.accounts.save_cursors(TENANT, ACCOUNT, [cursor()]),
    "accounts.count_records": lambda store: store.accounts.count_records(
        TENANT, ACCOUNT, read=1, malformed=1, unknown_prices=1, last_malformed="x"
    ),
    "accounts.save_arrivals": lambda store: store.accounts.save_arrivals(
        TENANT, ACCOUNT, "push", {"us-east-1": Arrivals(last_record_time=NOW)}
    ),
    "policy_modes.note": lambda store: store.policy_modes.note(
        TENANT, frozenset(), frozenset({ACCOUNT}), [audit_record()]
    ),
    "panics.begin": lambda store: store.panics.begin(TENANT, OperatorPanic(since=NOW, by="ann", why="noise")),
    "panics.end": lambda store: store.panics.end(TENANT, NOW, None, paused=False, untold_since=None),
    "pauses.pause": lambda store: store.pauses.pause(TENANT, "U1", NOW, post()),
    "pauses.resume": lambda store: store.pauses.resume(TENANT, "U1", NOW, None),
    "ledger.commit": lambda store: store.ledger.commit(TENANT, loaded(), changes(), NOW),
    "ledger.load_state": lambda store: store.ledger.load_state(TENANT, ACCOUNT, ["i-1"], NOW),
    "ledger.find_known_event_ids": lambda store: store.ledger.find_known_event_ids(TENANT, ACCOUNT, ["event-1"]),
    "baselines.find_experiences": lambda store: store.baselines.find_experiences(TENANT),
    "spending.sum_spent": lambda store: store.spending.sum_spent(TENANT, NOW - HOUR, NOW),
    "spending.sum_running": lambda store: store.spending.sum_running(TENANT),
    "spending.sum_seen": lambda store: store.spending.sum_seen(
        TENANT, SpendKey.SERVICE, NOW - HOUR, NOW, added_since=NOW
    ),
    "bills.begin_fetch": lambda store: store.bills.begin_fetch(
        TENANT, ACCOUNT, NOW, fetched_before=NOW, attempted_before=NOW
    ),
    "bills.take_call": lambda store: store.bills.take_call(TENANT, ACCOUNT, "2026-03-10", 5),
    "bills.save_fetched": lambda store: store.bills.save_fetched(TENANT, bill(), [day_bill()]),
    "bills.find_bills": lambda store: store.bills.find_bills(TENANT),
    "bills.find_days": lambda store: store.bills.find_days(TENANT, DAY),
    "bills.forget_days": lambda store: store.bills.forget_days(TENANT, DAY),
    "spend_tags.find_tag_bills": lambda store: store.spend_tags.find_tag_bills(TENANT, "team"),
    "spend_tags.save_tag_bill": lambda store: store.spend_tags.save_tag_bill(TENANT, tag_bill(), forget_before=NOW),
    "spend_budgets.save_budget": lambda store: store.spend_budgets.save_budget(TENANT, spend_budget(), audit_record()),
    "spend_budgets.find_budgets": lambda store: store.spend_budgets.find_budgets(TENANT),
    "spend_budgets.delete_budget": lambda store: store.spend_budgets.delete_budget(
        TENANT, BudgetKind.ACCOUNT, ACCOUNT, audit_record()
    ),
    "spending.find_past_limit": lambda store: store.spending.find_past_limit(TENANT, ACCOUNT, NOW, 5),
    "anomalies.find_anomaly": lambda store: store.anomalies.find_anomaly(TENANT, "anomaly-1"),
    "anomalies.find_anomalies": lambda store: store.anomalies.find_anomalies(TENANT, since=NOW, limit=5),
    "anomalies.count_unsettled": lambda store: store.anomalies.count_unsettled(TENANT, since=NOW),
    "search.find_page": lambda store: store.search.find_page(TENANT, CRITERIA, skip=0, limit=5),
    "search.count": lambda store: store.search.count(TENANT, CRITERIA),
    "search.find_behind": lambda store: store.search.find_behind(TENANT, CRITERIA, POSITION, 5),
    "search.find_deliveries": lambda store: store.search.find_deliveries(TENANT, ["anomaly-1"]),
    "observations.find_types": lambda store: store.observations.find_types(TENANT, ACCOUNT, 5),
    "idempotency.begin": lambda store: store.idempotency.begin(TENANT, idempotent()),
    "idempotency.take_over": lambda store: store.idempotency.take_over(TENANT, idempotent(), NOW),
    "idempotency.let_go": lambda store: store.idempotency.let_go(TENANT, "key:1", "request-1", NOW),
    "idempotency.finish": lambda store: store.idempotency.finish(TENANT, "key:1", "request-1", "sealed"),
    "idempotency.forget": lambda store: store.idempotency.forget(TENANT, "key:1", "gone"),
    "webhooks.insert_webhook": lambda store: store.webhooks.insert_webhook(TENANT, webhook()),
    "webhooks.find_webhooks": lambda store: store.webhooks.find_webhooks(TENANT),
    "webhooks.find_webhook": lambda store: store.webhooks.find_webhook(TENANT, "webhook-1"),
    "webhooks.put_deliveries": lambda store: store.webhooks.put_deliveries(TENANT, [webhook_delivery()]),
    "webhooks.find_recent": lambda store: store.webhooks.find_recent(TENANT, "webhook-1", 5),
    "webhooks.save_webhook_delivery": lambda store: store.webhooks.save_webhook_delivery(TENANT, webhook_delivery()),
    "webhooks.note_success": lambda store: store.webhooks.note_success(TENANT, "webhook-1", NOW),
    "webhooks.note_failure": lambda store: store.webhooks.note_failure(TENANT, "webhook-1", "away", NOW),
    "webhooks.settle_changed": lambda store: store.webhooks.settle_changed(changed()),
    "webhooks.bury_webhook": lambda store: store.webhooks.bury_webhook(TENANT, "webhook-1"),
    "webhooks.wake_webhook": lambda store: store.webhooks.wake_webhook(TENANT, "webhook-1", "U1", NOW),
    "webhooks.delete_webhook": lambda store: store.webhooks.delete_webhook(TENANT, "webhook-1", "U1", NOW),
    "search.find_by_prefix": lambda store: store.search.find_by_prefix(TENANT, "anomaly", 5),
    "anomalies.find_track_records": lambda store: store.anomalies.find_track_records(TENANT),
    "anomalies.find_cost_events": lambda store: store.anomalies.find_cost_events(TENANT, ACCOUNT, ["event-1"]),
    "anomalies.record_verdicts": _record_verdicts,
    "anomalies.find_verdict": lambda store: store.anomalies.find_verdict(TENANT, "verdict-1"),
    "anomalies.find_verdicts": lambda store: store.anomalies.find_verdicts(TENANT, "anomaly-1"),
    "anomalies.commit_learning": lambda store: store.anomalies.commit_learning(TENANT, "verdict-1", baseline(), 2),
    "amendments.amend": lambda store: store.amendments.amend(
        TENANT,
        before=asked_about(),
        after=asked_about(revision=3),
        record=audit_record(),
        post=post(),
        withdrawal=Withdrawal(post().post_id, "U1"),
        now=NOW,
    ),
    "patterns.insert_expectation": lambda store: store.patterns.insert_expectation(TENANT, expectation("declared")),
    "patterns.find_expectations": lambda store: store.patterns.find_expectations(TENANT, NOW, 5),
    "patterns.find_snoozes": lambda store: store.patterns.find_snoozes(TENANT, NOW, 5),
    "patterns.find_running": lambda store: store.patterns.find_running(TENANT, ACCOUNT, ["m5.large"]),
    "patterns.delete_expectation": lambda store: store.patterns.delete_expectation(TENANT, "declared", "U1", NOW),
    "outbox.claim_one": lambda store: store.outbox.claim_one(TENANT, "anomaly-1", NOW, 5.0),
    "outbox.save_delivery": lambda store: store.outbox.save_delivery(TENANT, SENT),
    "outbox.find_stuck": lambda store: store.outbox.find_stuck(TENANT, NOW),
    "outbox.find_delivery": lambda store: store.outbox.find_delivery(TENANT, "anomaly-1"),
    "outbox.hasten_waiting": lambda store: store.outbox.hasten_waiting(TENANT, NOW),
    "outbox.requeue_dead": lambda store: store.outbox.requeue_dead(TENANT, NOW),
    "inbox.save_batches": lambda store: store.inbox.save_batches([batch(), batch("batch-2"), batch("batch-3")]),
    "inbox.find_batches": lambda store: store.inbox.find_batches(TENANT, ACCOUNT, 5),
    "inbox.count_set_aside": lambda store: store.inbox.count_set_aside(TENANT),
    "inbox.delete_batches": lambda store: store.inbox.delete_batches(TENANT, ["batch-2"]),
    "inbox.set_aside": lambda store: store.inbox.set_aside(TENANT, "batch-3", "broken"),
    "trackers.save_tracker": lambda store: _trackers(store).save_tracker(TENANT, tracker(), audit_record()),
    "trackers.find_sealed": lambda store: _trackers(store).find_sealed(TENANT),
    "trackers.find_tracker": lambda store: _trackers(store).find_tracker(TENANT),
    "trackers.reseal": lambda store: _trackers(store).reseal(TENANT, sealed_tracker()),
    "trackers.delete_tracker": lambda store: _trackers(store).delete_tracker(TENANT, audit_record()),
    "installations.async_save": lambda store: _installations(store).async_save(installation()),
    "installations.async_save_bot": lambda store: _installations(store).async_save_bot(installation().to_bot()),
    "installations.find_bot_of": lambda store: _installations(store).find_bot_of(TENANT),
    "installations.reseal": lambda store: _installations(store).reseal(TENANT, sealed_installation()),
    "installations.delete_of": lambda store: _installations(store).delete_of(TENANT),
    "api_keys.insert_key": lambda store: store.api_keys.insert_key(api_key(), "operator"),
    "api_keys.find_keys": lambda store: store.api_keys.find_keys(TENANT),
    "api_keys.touch_key": lambda store: store.api_keys.touch_key(TENANT, "key-1", NOW),
    "api_keys.revoke_key": lambda store: store.api_keys.revoke_key(TENANT, "key-1", NOW, "operator"),
    "posts.insert_post": lambda store: store.posts.insert_post(TENANT, post()),
    "posts.save_post": lambda store: store.posts.save_post(TENANT, post()),
    "outbox.find_held": lambda store: store.outbox.find_held(TENANT, "held/C1/2026-11-21", 5),
    "outbox.count_held": lambda store: store.outbox.count_held(TENANT, "held/C1/2026-11-21"),
    "outbox.find_held_now": lambda store: store.outbox.find_held_now(TENANT, ["a-1"]),
    "search.find_named": lambda store: store.search.find_named(TENANT, ["a-1"]),
    "budgets.take": lambda store: store.budgets.take(TENANT, CardPlace("C1", "2026-11-21"), "a-1", 5),
    "budgets.hold": lambda store: store.budgets.hold(TENANT, SENT, post("held/C1/2026-11-21")),
    "posts.is_behind": lambda store: store.posts.is_behind(TENANT, post()),
    "posts.find_post": lambda store: store.posts.find_post(TENANT, post().post_id),
    "homes.open_home": lambda store: store.homes.open_home(TENANT, "U1", NOW, HOUR),
    "homes.hasten": lambda store: store.homes.hasten(TENANT, NOW),
    "homes.claim_one": lambda store: store.homes.claim_one(TENANT, "U1", NOW, HOUR, 5.0),
    "homes.save_home": lambda store: store.homes.save_home(TENANT, HOME, HOME),
    "homes.find_home": lambda store: store.homes.find_home(TENANT, "U1"),
    "homes.delete_home": lambda store: store.homes.delete_home(TENANT, "U2"),
    "posts.hasten_waiting": lambda store: store.posts.hasten_waiting(TENANT, NOW),
    "posts.requeue_dead": lambda store: store.posts.requeue_dead(TENANT, NOW),
    "outbox.count_held_since": lambda store: store.outbox.count_held_since(TENANT, NOW),
    "posts.find_stuck": lambda store: store.posts.find_stuck(TENANT),
    "turns.take": lambda store: store.turns.take(TENANT, "C1", 1.0, 10.0),
    "turns.defer": lambda store: store.turns.defer(TENANT, "C1", 5.0),
    "zombies.begin_scan": lambda store: store.zombies.begin_scan(
        TENANT, ACCOUNT, NOW, ended_before=NOW, begun_before=NOW
    ),
    "zombies.save_findings": lambda store: store.zombies.save_findings(TENANT, [finding()]),
    "zombies.record_verdict": lambda store: store.zombies.record_verdict(TENANT, finding(), kept(), audit_record()),
    "zombies.find_known": lambda store: store.zombies.find_known(TENANT, ACCOUNT),
    "zombies.find_creators": lambda store: store.zombies.find_creators(TENANT, ACCOUNT, ["i-1"]),
    "zombies.find_page": lambda store: store.zombies.find_page(TENANT, ACCOUNT, NOW, skip=0, limit=5),
    "zombies.sum_open": lambda store: store.zombies.sum_open(TENANT, None, NOW),
    "zombies.find_finding": lambda store: store.zombies.find_finding(TENANT, "z-1"),
    "zombies.close_findings": lambda store: store.zombies.close_findings(TENANT, ["z-1"], FindingStatus.GONE, NOW),
    "zombies.find_lessons": lambda store: store.zombies.find_lessons(TENANT, ACCOUNT),
    "zombies.sum_saved": lambda store: store.zombies.sum_saved(TENANT, ACCOUNT, NOW),
    "zombies.end_scan": lambda store: store.zombies.end_scan(TENANT, scan()),
    "zombies.fail_scan": lambda store: store.zombies.fail_scan(TENANT, ACCOUNT, NOW, "denied"),
    "zombies.sum_new": lambda store: store.zombies.sum_new(TENANT, None, NOW, NOW),
    "zombie_asks.insert_ask": lambda store: store.zombie_asks.insert_ask(TENANT, ask()),
    "zombie_asks.find_asks": lambda store: store.zombie_asks.find_asks(TENANT, "U1"),
    "zombie_asks.delete_ask": lambda store: store.zombie_asks.delete_ask(TENANT, "zombies/U2"),
    "zombies.find_scans": lambda store: store.zombies.find_scans(TENANT),
    "leaving.delete_some": lambda store: store.leaving.delete_some(TENANT, ACCOUNT, 5),
    "leaving.count_deleted": lambda store: store.leaving.count_deleted(TENANT, ACCOUNT),
    "leaving.delete_account": lambda store: store.leaving.delete_account(tombstone()),
    "leaving.delete_tenant": lambda store: store.leaving.delete_tenant(tombstone(account_id="")),
    "audit.append": lambda store: store.audit.append(TENANT, audit_record()),
    "audit.find_chain": lambda store: store.audit.find_chain(TENANT),
    "leaving.find_tombstones": lambda store: store.leaving.find_tombstones(TENANT),
}


def _access_keys(store: Store) -> AccessKeys:
    return store.access_keys(Cipher({"v1": bytes(32)}, bytes))


def _trackers(store: Store) -> Trackers:
    return store.trackers(Cipher({"v1": bytes(32)}, bytes))


def _installations(store: Store) -> Installations:
    return store.installations(Cipher({"v1": bytes(32)}, bytes))


def _states(store: Store) -> OauthStates:
    return store.oauth_states(lambda: "state-1", lambda: NOW, HOUR)


_BY_TEAM: dict[str, Any] = {"enterprise_id": None, "team_id": "T-INSTALLED"}

SYSTEM_CALLS: dict[str, Call] = {
    "system.find_made_strict": lambda store: store.system.find_made_strict(Policy(GovernanceMode.STRICT)),
    "system.find_noted_strict": lambda store: store.system.find_noted_strict(),
    "system.find_login": lambda store: store.system.find_login("local", "maria"),
    "paying_tenants.find_tenant_by_customer": lambda store: store.paying_tenants.find_tenant_by_customer("cus_1"),
    "paying_tenants.find_paying_tenants": lambda store: store.paying_tenants.find_paying_tenants(),
    "paying_tenants.count_watched": lambda store: store.paying_tenants.count_watched(),
    "paying_tenants.resume_all": lambda store: store.paying_tenants.resume_all(),
    "paying_tenants.find_ended_graces": lambda store: store.paying_tenants.find_ended_graces(NOW + HOUR),
    "seen.mark_seen": lambda store: store.seen.mark_seen("stripe", "evt_1", NOW),
    "seen.claim_all": lambda store: store.seen.claim_all("slack", ["1.2.3"], NOW + HOUR),
    "seen.is_seen": lambda store: store.seen.is_seen("stripe", "evt_1"),
    "system.find_tenant_by_team": lambda store: store.system.find_tenant_by_team("T1"),
    "system.find_tenants": lambda store: store.system.find_tenants(2),
    "system.find_installations": lambda store: store.system.find_installations(["T-INSTALLED"]),
    "system.find_workspaces_of": lambda store: store.system.find_workspaces_of("E1"),
    "system.find_all_installations": lambda store: store.system.find_all_installations(),
    "oauth_states.async_issue": lambda store: _states(store).async_issue(),
    "oauth_states.async_consume": lambda store: _states(store).async_consume("state-1"),
    "system.find_tenant_by_account": lambda store: store.system.find_tenant_by_account(ACCOUNT),
    "system.find_disconnecting_accounts": lambda store: store.system.find_disconnecting_accounts(),
    "system.find_audited_tenants": lambda store: store.system.find_audited_tenants(),
    "system.find_leaving_tenants": lambda store: store.system.find_leaving_tenants(),
    "system.find_waiting_batches": lambda store: store.system.find_waiting_batches(NOW + HOUR, 5),
    "system.find_set_aside": lambda store: store.system.find_set_aside(5),
    "system.count_set_aside": lambda store: store.system.count_set_aside(),
    "system.retry_set_aside": lambda store: store.system.retry_set_aside(["batch-1"]),
    "system.find_api_key": lambda store: store.system.find_api_key(api_key().digest),
    "system.find_zombie_thresholds": lambda store: store.system.find_zombie_thresholds(),
    "system.find_zombie_asks": lambda store: store.system.find_zombie_asks(5),
    "system.find_due_accounts": lambda store: store.system.find_due_accounts(),
    "system.find_newborns": lambda store: store.system.find_newborns(NOW + HOUR, Thresholds(), 5),
    "system.find_unfinished_news": lambda store: store.system.find_unfinished_news(5),
    "system.find_history_accounts": lambda store: store.system.find_history_accounts(),
    "system.find_strict_accounts": lambda store: store.system.find_strict_accounts(),
    "system.find_snoozed_before": lambda store: store.system.find_snoozed_before(NOW + HOUR, 5),
    "system.find_tenants_in_panic": lambda store: store.system.find_tenants_in_panic(5),
    "system.find_tenants_to_silence": lambda store: store.system.find_tenants_to_silence("ann", "noise", 5),
    "system.find_breakers": lambda store: store.system.find_breakers(),
    "system.find_held_back": lambda store: store.system.find_held_back("young_creep", 5),
    "system.count_anomalies": lambda store: store.system.count_anomalies({"decision.flag": "young_creep"}),
    "system.find_waiting_asks": lambda store: store.system.find_waiting_asks(5),
    "system.find_all_access_keys": lambda store: store.system.find_all_access_keys(),
    "system.find_all_trackers": lambda store: store.system.find_all_trackers(),
    "system.find_unlearned": lambda store: store.system.find_unlearned(NOW + HOUR, 5),
    "system.release_deliveries": lambda store: store.system.release_deliveries(),
    "leases.release_all": lambda store: store.leases.release_all(),
    "leases.acquire": lambda store: store.leases.acquire("scheduler", "process-1", 5.0),
    "leases.renew": lambda store: store.leases.renew(Lease("scheduler", "process-1", 1), 5.0),
    "leases.release": lambda store: store.leases.release(Lease("scheduler", "process-1", 1)),
    "outbox.make_steps_due": lambda store: store.outbox.make_steps_due(NOW + HOUR, 5),
    "system.make_steps_due": lambda store: store.system.make_steps_due(NOW + HOUR, 5),
    "system.claim_due_delivery": lambda store: store.system.claim_due_delivery(NOW + HOUR, 5.0),
    "system.claim_due_webhook": lambda store: store.system.claim_due_webhook(NOW + HOUR, 5.0),
    "system.find_untold": lambda store: store.system.find_untold(5),
    "system.find_digest_tenants": lambda store: store.system.find_digest_tenants(),
    "system.claim_due_home": lambda store: store.system.claim_due_home(NOW + HOUR, HOUR, 5.0),
    "system.claim_due_post": lambda store: store.system.claim_due_post(NOW + HOUR, 5.0),
    "trails.find_accounts": lambda store: store.trails.find_accounts(),
    "trails.save_row": lambda store: store.trails.save_row(trail_row()),
    "trails.count_files": lambda store: store.trails.count_files(trail_row(), TrailTally(files_read=1)),
    "trails.find_rows": lambda store: store.trails.find_rows(trail_row().trail),
    "trails.find_account_rows": lambda store: store.trails.find_account_rows([ACCOUNT]),
    "trails.forget_rows": lambda store: store.trails.forget_rows(trail_row().trail, ["left"]),
    "trails.save_file": lambda store: store.trails.save_file(trail_file(), NOW + HOUR),
    "trails.find_files": lambda store: store.trails.find_files([trail_file().file_id]),
    "trails.forget_file": lambda store: store.trails.forget_file("left"),
    "trails.find_due_files": lambda store: store.trails.find_due_files(trail_row().trail, NOW, 10),
    "trails.count_odd_files": lambda store: store.trails.count_odd_files([ACCOUNT], NOW),
    "trails.find_odd_files": lambda store: store.trails.find_odd_files(ACCOUNT, "us-east-1", NOW, 10),
    "trails.find_aside_files": lambda store: store.trails.find_aside_files(10),
    "trails.count_aside_files": lambda store: store.trails.count_aside_files(),
    "trails.retry_aside_files": lambda store: store.trails.retry_aside_files([], NOW, NOW + HOUR),
}

# The ports these belong to mix them with methods that do have a tenant.
DELEGATES: dict[str, Call] = {
    "users.find_login": lambda store: store.users.find_login("local", "maria"),
    "anomalies.find_snoozed_before": lambda store: store.anomalies.find_snoozed_before(NOW + HOUR, 5),
    "anomalies.find_unlearned": lambda store: store.anomalies.find_unlearned(NOW + HOUR, 5),
    "breakers.claim_untold": lambda store: store.breakers.claim_untold(NOW, HOUR, NOW - HOUR),
    "system.claim_untold_breaker": lambda store: store.system.claim_untold_breaker(NOW, HOUR, NOW - HOUR),
    "policy_modes.find_made_strict": lambda store: store.policy_modes.find_made_strict(Policy(GovernanceMode.STRICT)),
    "policy_modes.find_noted": lambda store: store.policy_modes.find_noted(),
    "panics.find_silenced": lambda store: store.panics.find_silenced(5),
    "panics.find_to_silence": lambda store: store.panics.find_to_silence("ann", "noise", 5),
    "breakers.find_breakers": lambda store: store.breakers.find_breakers(),
    "breakers.find_held": lambda store: store.breakers.find_held("young_creep", 5),
    "amendments.find_waiting": lambda store: store.amendments.find_waiting(5),
    "access_keys.find_outdated": lambda store: _access_keys(store).find_outdated(),
    "trackers.find_outdated": lambda store: _trackers(store).find_outdated(),
    "inbox.find_waiting": lambda store: store.inbox.find_waiting(NOW + HOUR, 5),
    "installations.async_find_bot": lambda store: _installations(store).async_find_bot(**_BY_TEAM),
    "installations.async_find_installation": lambda store: _installations(store).async_find_installation(**_BY_TEAM),
    "installations.async_delete_bot": lambda store: _installations(store).async_delete_bot(**_BY_TEAM),
    "installations.async_delete_installation": lambda store: _installations(store).async_delete_installation(
        **_BY_TEAM
    ),
    "installations.async_delete_all": lambda store: _installations(store).async_delete_all(**_BY_TEAM),
    "installations.find_outdated": lambda store: _installations(store).find_outdated(),
    "api_keys.find_key": lambda store: store.api_keys.find_key(api_key().digest),
    "webhooks.claim_due": lambda store: store.webhooks.claim_due(NOW + HOUR, 5.0),
    "webhooks.find_changed": lambda store: store.webhooks.find_changed(5),
    "homes.claim_due": lambda store: store.homes.claim_due(NOW + HOUR, HOUR, 5.0),
    "posts.claim_due": lambda store: store.posts.claim_due(NOW + HOUR, 5.0),
    "outbox.claim_due": lambda store: store.outbox.claim_due(NOW + HOUR, 5.0),
}

# What the repositories share inside the store; the calls above run them.
INTERNAL = {
    "audit.add",
    "audit.add_all",
    "audit.thin_out",
    "baselines.find",
    "baselines.replace",
    "baselines.touch",
    "posts.add",
    "posts.grow",
    "posts.withdraw",
}

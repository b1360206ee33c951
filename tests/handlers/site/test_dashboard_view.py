"""The dashboard's banners and panels, as pure functions say them."""

from datetime import timedelta
from typing import Any

import msgspec

from engine.models.account import AccountStatus, GovernanceMode, OperatorPanic, Role
from engine.models.billing import Billing, Plan, PlanReport, Subscription
from engine.models.report import AccountHealth, RegionTrouble, StatusReport
from engine.models.spend_report import MonthEstimate
from handlers.web.site.dashboard_view import Overview, banners, dashboard_view
from tests.store.samples import ACCOUNT, NOW, tenant


def health(**fields: Any) -> AccountHealth:
    given = {
        "account_id": ACCOUNT,
        "name": "production",
        "status": AccountStatus.ACTIVE,
        "mode": GovernanceMode.STRICT,
        "history_days": 9,
        "events_seen": 30,
        "regions_watched": 2,
        **fields,
    }
    return AccountHealth(**given)


def overview(*accounts: AccountHealth, status: str = "active", paused: bool = False) -> Overview:
    subscription = Subscription(subscription_id="s", item_id="i", status=status, quantity=1, created_at=NOW)
    billing = Billing(customer_id="c", plan=Plan.PRO, subscription=subscription)
    return Overview(
        tenant=tenant(panic_mode=paused, paused_at=NOW - timedelta(hours=1) if paused else None),
        report=StatusReport(accounts=accounts, as_of=NOW),
        plan=PlanReport(billed=True, billing=billing, accounts=len(accounts), paused=0, limit=None, pay_for=1),
        month=MonthEstimate(so_far_usd=0.0, total_usd=0.0, low_usd=0.0, high_usd=0.0),
        anomalies=(),
    )


def test_nothing_wrong_says_nothing() -> None:
    assert banners(overview(health()), Role.ADMIN) == ()


def test_what_keeps_people_from_being_told_comes_first_with_the_way_out_for_who_may() -> None:
    known = overview(health(is_paused=True), status="past_due", paused=True)
    said = banners(known, Role.ADMIN)
    assert [one.text.split(":")[0][:22] for one in said] == [
        "Alerting is paused sin",
        "The last payment faile",
        "1 AWS account is not w",
    ]
    assert [one.path for one in said] == ["", "/billing", "/billing"]
    others = banners(known, Role.RESPONDER)
    assert [one.path for one in others] == ["", "", ""]
    assert "An admin" in others[1].text


def test_the_operators_pause_is_said_first_with_who_and_why() -> None:
    known = overview(paused=True)
    panic = OperatorPanic(since=NOW - timedelta(hours=2), by="Ann", why="prices are wrong.")
    said = banners(
        msgspec.structs.replace(known, tenant=msgspec.structs.replace(known.tenant, operator_panic=panic)), Role.ADMIN
    )
    assert said[0].text.startswith("Alerting is paused for everybody by dd0c's operator since ")
    assert ", by Ann: prices are wrong. Everything is still scored" in said[0].text
    assert said[1].text.startswith("Alerting is paused since")


def test_an_account_says_how_far_it_has_learned_and_what_is_wrong() -> None:
    troubles = tuple(RegionTrouble(f"region-{number}", "AccessDenied") for number in range(5))
    panel = dashboard_view(overview(health(region_troubles=troubles)), Role.VIEWER).accounts[0]
    assert panel.learning is not None
    assert panel.learning.text == "9 of 14 days, 20 of 20 cost events"
    assert (panel.state.text, panel.state.tone) == ("watched, with gaps", "bad")
    assert panel.notes[-1] == "2 more Regions cannot be read."
    grown = dashboard_view(overview(health(history_days=90)), Role.VIEWER).accounts[0]
    assert (grown.learning, grown.state.tone, grown.notes) == (None, "good", ())


def test_a_month_of_which_nothing_is_known_is_left_out() -> None:
    known = overview(health())
    assert dashboard_view(known, Role.VIEWER).month == ""
    spent = MonthEstimate(so_far_usd=10.0, total_usd=300.0, low_usd=10.0, high_usd=300.0)
    view = dashboard_view(msgspec.structs.replace(known, month=spent), Role.VIEWER)
    assert (view.month, view.month_hint) == (
        "$300.00",
        "$10.00 so far, the rest if all that dd0c saw starting goes on.",
    )

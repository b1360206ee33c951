"""What people are told of their plan, asked and unasked."""

from blocks.card import Block, Card, context, header, section
from blocks.command_buttons import buttons, command_button
from blocks.text import code, count, escape, when
from engine.entitlements import FREE_ACCOUNTS, PRO_USD_A_MONTH
from engine.models.billing import Plan, PlanNotice, PlanReport, PlanTurn

OPEN_LINK = "plan.open_link"

_PRO = f"Pro watches any number of AWS accounts, for ${PRO_USD_A_MONTH} each a month."
_KEPT = "Nothing is deleted: paused accounts go on where they stopped as soon as this is Pro again."


def plan(report: PlanReport, url: str = "") -> Card:
    """Say where the tenant stands. ``url`` leads to the checkout or, with Pro, to the billing portal."""
    if not report.billed:
        text = "Everything is included here, for any number of AWS accounts: this installation has no billing."
        return Card(text, [section("plan", text)])
    text = _standing(report)
    blocks = [header("Your plan"), section("plan", text), *_link(report, url)]
    small = [_KEPT] if report.billing.grace_until or report.paused else []
    return Card(text.replace("*", ""), [*blocks, *([context("kept", small)] if small else [])])


def _standing(report: PlanReport) -> str:
    accounts = count(report.accounts, "AWS account")
    if report.billing.plan is Plan.PRO:
        monthly = report.pay_for * PRO_USD_A_MONTH
        lines = [f"*Pro*: {accounts}, ${monthly:,} a month for {count(report.pay_for, 'watched account')}."]
        subscription = report.billing.subscription
        if subscription is not None and subscription.status == "past_due":
            lines.append("The last payment failed. Change the card in the billing portal, and Stripe tries again.")
        if subscription is not None and subscription.ends_at is not None:
            lines.append(f"It was cancelled and ends {when(subscription.ends_at)}.")
        return " ".join(lines)
    covered = f"{accounts} connected, and it covers {FREE_ACCOUNTS}"
    lines = [f"*Free*: {covered if report.accounts > FREE_ACCOUNTS else f'{accounts} of {FREE_ACCOUNTS}'}."]
    if report.billing.grace_until is not None and not report.paused:
        lines.append(f"All are watched until {when(report.billing.grace_until)}; then only the oldest one is.")
    elif report.paused:
        lines.append(f"{count(report.paused, 'account is', 'accounts are')} paused.")
    return " ".join([*lines, _PRO])


def _link(report: PlanReport, url: str) -> list[Block]:
    """A link of Stripe's is longer than people want to read, and holds for a day at most."""
    if not url:
        return []
    label = "Open the billing portal" if report.billing.plan is Plan.PRO else "Upgrade to Pro"
    return buttons("plan_link", [_link_button(label, url)])


def _link_button(label: str, url: str) -> Block:
    return {
        "type": "button",
        "action_id": OPEN_LINK,
        "text": {"type": "plain_text", "text": label},
        "url": url,
        "style": "primary",
    }


def beyond_plan(why: str, upgrade_url: str = "") -> Card:
    """Say that the plan covers no further account, with the way to one that does."""
    leads_somewhere = upgrade_url.startswith(("https://", "http://")) and upgrade_url.isascii()
    upgrade = [_link_button("Upgrade to Pro", upgrade_url)] if leads_somewhere else []
    see = command_button("plan", "See the plans", "plan")
    said = f"{escape(why, 500)} {_PRO}".strip()
    return Card(said, [section("beyond_plan", said), *buttons("upgrade", [*upgrade, see])])


def notice(said: PlanNotice) -> Card:
    """Tell whoever installed the app what happened to the plan."""
    text = _news(said)
    return Card(text, [section("plan", text), context("more", ["`/dd0c plan` shows where you stand."])])


def _news(said: PlanNotice) -> str:
    accounts = ", ".join(code(account_id, 20) for account_id in said.account_ids[:20])
    match said.turn:
        case PlanTurn.UPGRADED:
            return f"This is Pro now. {_PRO}"
        case PlanTurn.PAYMENT_FAILED:
            return (
                "A payment for Pro failed. Everything goes on while Stripe tries again; `/dd0c plan` leads to the card."
            )
        case PlanTurn.PAUSED:
            return f"Not watched any more, because the free plan has {FREE_ACCOUNTS} AWS account: {accounts}. {_KEPT}"
        case PlanTurn.RESUMED:
            return f"Watched again, from where they stopped: {accounts}."
        case PlanTurn.DOWNGRADED:
            return _downgraded(said)


def _downgraded(said: PlanNotice) -> str:
    if said.grace_until is None:
        return f"This is the free plan now: {FREE_ACCOUNTS} AWS account is watched."
    return (
        f"This is the free plan now, with {FREE_ACCOUNTS} AWS account. All are watched until {when(said.grace_until)}; "
        f"then only the oldest one is, unless this is Pro again. {_KEPT}"
    )

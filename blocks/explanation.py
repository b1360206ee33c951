"""The answer to ``/dd0c explain``: why one anomaly was told or not, and what became of it."""

from blocks.anomaly_words import account, times, what, where, who
from blocks.card import Block, Card, context, header, paragraphs, section, shorten
from blocks.money import PRICE_UNKNOWN, per_hour, usd
from blocks.text import channel, code, escape, mention, plain, reason, when
from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind
from engine.models.delivery import Delivery, DeliveryState
from engine.models.search import Explanation
from engine.models.verdict import Verdict, VerdictKind

_SIGNALS_SHOWN = 12
_VERDICTS_SHOWN = 15
DECISIONS = {
    DecisionKind.ALERT: "People were told",
    DecisionKind.DIGEST: "Kept for the digest",
    DecisionKind.LOG: "Only logged",
}
_STATES = {
    AnomalyStatus.OPEN: "open",
    AnomalyStatus.ACKNOWLEDGED: "acknowledged",
    AnomalyStatus.SNOOZED: "snoozed",
    AnomalyStatus.EXPECTED: "expected",
    AnomalyStatus.UNEXPECTED: "not expected",
    AnomalyStatus.RESOLVED: "stopped",
}
VERDICT_DEEDS = {
    VerdictKind.EXPECTED: "marked it expected",
    VerdictKind.UNEXPECTED: "called it not expected",
    VerdictKind.ACKNOWLEDGED: "acknowledged it",
    VerdictKind.SNOOZED: "snoozed it",
    VerdictKind.UNDONE: "took that back",
}


def explanation(told: Explanation) -> Card:
    """Say everything about one anomaly in sentences."""
    anomaly = told.anomaly
    decision = f"{DECISIONS[anomaly.decision.kind]}: {reason(anomaly.decision.reason, 500) or '-'}"
    blocks = [
        header(what(anomaly)),
        section("decision", f"*Decision*\n{decision}\nIts score is {anomaly.score:.2f}; 1.00 is worth an anomaly."),
        *_expected(anomaly),
        *_why(anomaly),
        section("facts", fields=_facts(told)),
        *_history(told),
        context("id", [f"{code(anomaly.anomaly_id)} · status: {_STATES[anomaly.status]}"]),
    ]
    return Card(f"{escape(what(anomaly))}. {decision}", blocks)


def _expected(anomaly: Anomaly) -> list[Block]:
    """What keeps it silent outlasts it, so whoever is surprised should know how to end that."""
    if not anomaly.is_covered:
        return []
    ending = code(f"/dd0c snoozes end {plain(anomaly.expectation_id, 100)}")
    return [context("expected", [f"Nobody was asked, and what becomes of it is not followed. {ending} ends that."])]


def _why(anomaly: Anomaly) -> list[Block]:
    lines = [f"• {escape(one.text, 400)} ({escape(one.name, 40)} {one.contribution:+.2f})" for one in anomaly.signals]
    return paragraphs("why", ["*Why*", *shorten(lines, _SIGNALS_SHOWN, "signal")]) if lines else []


def _facts(told: Explanation) -> list[str]:
    anomaly = told.anomaly
    cost = PRICE_UNKNOWN if anomaly.unknown_price and not anomaly.hourly_cost else per_hour(anomaly.hourly_cost)
    bound = "" if anomaly.upfront_cost is None else f"\n{usd(anomaly.upfront_cost)} bound for a term"
    return [
        f"*Cost*\n{cost}{bound}",
        f"*Who*\n{who(anomaly)}",
        f"*Where*\n{where(anomaly, told.account_name) if anomaly.lines else account(told.account_name, '')}",
        f"*When*\n{times(anomaly)}",
    ]


def _history(told: Explanation) -> list[Block]:
    """What happened to it, oldest first; of many verdicts the latest."""
    anomaly = told.anomaly
    lines = [f"• found {when(anomaly.detected_at)}", *_card(told.delivery)]
    lines += [_verdict(one) for one in told.verdicts[-_VERDICTS_SHOWN:]]
    if anomaly.ended_at is not None:
        lines.append(f"• everything stopped {when(anomaly.ended_at)}, {usd(anomaly.burnt_usd)} burnt")
    return paragraphs("history", ["*History*", *lines])


def _card(delivery: Delivery | None) -> list[str]:
    if delivery is None:
        return []
    if delivery.message_ts:
        return [f"• its card stands in {channel(delivery.channel_id)}"]
    if delivery.state is DeliveryState.HELD:
        return [f"• its card was held back: {channel(delivery.channel_id)} had had all cards of its day's alert budget"]
    lost = delivery.state is DeliveryState.DEAD
    return [f"• its card {'was given up' if lost else 'is on its way'}{_error(delivery)}"]


def _error(delivery: Delivery) -> str:
    return f": {escape(delivery.error, 200)}" if delivery.error.strip() else ""


def _verdict(verdict: Verdict) -> str:
    if not verdict.user_id and verdict.kind is VerdictKind.UNDONE:
        return f"• its snooze ended {when(verdict.at)}"
    return f"• {mention(verdict.user_id)} {VERDICT_DEEDS[verdict.kind]} {when(verdict.at)}"

"""Spend in words."""

from datetime import timedelta

from blocks.money import usd
from blocks.text import code, count, escape, short_actor
from engine.models.spend import AwsAnomaly
from engine.models.spend_report import Grade, MonthEstimate, MonthSource, Reconciliation

_AGREES = 0.10
_DAY = timedelta(days=1)
_LEAST_USD = 0.005
_MISSED_SHOWN = 3
_GAPS_SHOWN = 3
_SOURCES = {
    MonthSource.FORECAST: "by the bill and AWS's forecast",
    MonthSource.BILL: "by the bill's last days",
    MonthSource.SEEN: "by what was seen to start; nothing else is known",
    MonthSource.MIXED: "by the bill where it is read, else by what was seen to start",
}


def month_words(month: MonthEstimate) -> str:
    """The month so far, what it comes to, and how sure that is.

    >>> month_words(MonthEstimate(so_far_usd=200, total_usd=300, low_usd=280, high_usd=330, source="bill"))
    "$200.00 so far, about $300.00 in all ($280.00 to $330.00), by the bill's last days"
    """
    running_on = " if what started in the last day runs on" if month.added_usd >= _LEAST_USD else ""
    band = f"{usd(month.low_usd)} to {usd(month.high_usd)}{running_on}"
    source = _SOURCES[MonthSource(month.source)]
    return f"{usd(month.so_far_usd)} so far, about {usd(month.total_usd)} in all ({band}), {source}"


def named_actor(key: str) -> str:
    """An actor by the name people know and by all of its key: its end tells whose it is, and a budget is set for it.

    >>> named_actor("arn:aws:iam::111122223333:user/maria")
    '*maria* `arn:aws:iam::111122223333:user/maria`'
    """
    short = short_actor(key)
    return f"*{escape(short, 80)}*" + ("" if short == key else f" {code(key, 200)}")


def reconciliation_words(found: Reconciliation | None) -> str:
    """How far the bill agrees with what was seen, and what it alone has; empty where no bill is read."""
    if found is None or found.billed_usd <= 0:
        return ""
    bill = f"The bill of {found.first_day:%d %b} to {found.until - _DAY:%d %b} is {usd(found.billed_usd)}"
    if abs(found.difference) <= _AGREES:
        percent = max(1, round(abs(found.difference) * 100))
        return f"{bill} and agrees within {percent} % with what was seen to start ({usd(found.seen_usd)})."
    if found.difference < 0:
        percent = min(99, round((1 - found.billed_usd / found.seen_usd) * 100))
        return f"{bill}, {percent} % below list prices of what was seen to start ({usd(found.seen_usd)}): discounts."
    gaps = ", ".join(f"{escape(gap.service, 60)} {usd(gap.usd)}" for gap in found.gaps[:_GAPS_SHOWN])
    unseen = f"{bill}; {usd(found.seen_usd)} of it was seen to start. No record tells of bytes, requests and tokens, "
    return f"{unseen}nor of what ran before. Most of the rest: {gaps}." if gaps else f"{unseen}nor of what ran before."


def grade_words(found: Grade | None) -> str:
    """How often cards were confirmed, and what AWS found that they missed; empty where there is nothing to grade.

    >>> grade_words(Grade(cards=4, by_human=2, by_bill=1, confirmed=3, expected=1, found_by_aws=1))
    'Of 4 cards in 30 days 3 were confirmed (2 by people, 1 by the bill), and 1 was expected. AWS found nothing else.'
    """
    if found is None or not (found.cards or found.found_by_aws):
        return ""
    by = f"{found.by_human:,} by people, {found.by_bill:,} by the bill"
    cards = (
        f"Of {count(found.cards, 'card')} in 30 days {found.confirmed:,} {_were(found.confirmed)} confirmed ({by}), "
    )
    return f"{cards}and {found.expected:,} {_were(found.expected)} expected. {_missed(found)}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _missed(found: Grade) -> str:
    if not found.missed:
        return "AWS found nothing else." if found.found_by_aws else "AWS's own detection told us nothing."
    named = "; ".join(_theirs(one) for one in found.missed[:_MISSED_SHOWN])
    more = len(found.missed) - _MISSED_SHOWN
    return f"AWS found {len(found.missed):,} that no card told: {named}{f'; and {more:,} more' if more > 0 else ''}."


def _theirs(one: AwsAnomaly) -> str:
    usage = f", {escape(one.usage_type, 60)}" if one.usage_type else ""
    return f"{escape(one.service, 60)}{usage}, {usd(one.impact)} since {one.first_day:%d %b}"

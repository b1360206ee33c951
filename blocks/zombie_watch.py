"""Idle resources as digests and the App Home tell of them: in a line, and the dearest in a list."""

from blocks.money import usd
from blocks.text import code, count, escape
from engine.models.zombie_watch import ZombieRow, ZombieWatch

_ROWS_SHOWN = 3


def watch_words(watch: ZombieWatch | None) -> str:
    """Say what is idle and what it costs; empty where no account was looked at yet.

    >>> from datetime import UTC, datetime
    >>> since = datetime(2026, 3, 4, tzinfo=UTC)
    >>> watch_words(ZombieWatch(count=2, monthly_cost=40.85, saved_since=since, gone=1, saved_usd=8))
    '2 idle resources worth $40.85 a month. 1 went away since 04 Mar, which saves $8.00 a month.'
    >>> watch_words(ZombieWatch(count=0, monthly_cost=0, saved_since=since))
    'nothing is idle.'
    """
    if watch is None:
        return ""
    went = f" {watch.gone:,} went away since {watch.saved_since:%d %b}, which saves {usd(watch.saved_usd)} a month."
    return f"{worth(watch) if watch.count else 'nothing is idle'}.{went if watch.gone else ''}"


def worth(watch: ZombieWatch) -> str:
    """Count what is idle, with what it costs a month as far as prices are known."""
    unpriced = f", {watch.unpriced:,} of them without a known price" if watch.unpriced else ""
    return f"{count(watch.count, 'idle resource')} worth {usd(watch.monthly_cost)} a month{unpriced}"


def watch_paragraphs(watch: ZombieWatch | None) -> list[str]:
    """The same, and under it the dearest."""
    if watch is None:
        return []
    rows = [_row(row) for row in watch.dearest[:_ROWS_SHOWN]]
    rest = watch.count - len(rows)
    more = [f"_and {rest:,} more: `/dd0c zombies`_"] if rows and rest > 0 else []
    return [f"*Zombie watch*: {watch_words(watch)}", *rows, *more]


def _row(row: ZombieRow) -> str:
    price = f"{usd(row.monthly_cost)} a month" if row.monthly_cost is not None else "price not known"
    named = f" {escape(row.name, 60)}" if row.name and row.name != row.resource_id else ""
    where = f"{escape(row.account_name, 60)}, {escape(row.region, 40)}"
    return f"• {price}: {escape(row.title, 60)}{named} {code(row.resource_id, 100)} in {where}"

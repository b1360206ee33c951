"""What came of looking again for idle resources, for whom asked for it."""

from blocks.card import Card, paragraphs, repeat_note
from blocks.command_buttons import buttons, command_button
from blocks.money import usd
from blocks.text import count, escape
from engine.models.post import ZombieNews

_FAILED_SHOWN = 5


def zombie_news(news: ZombieNews, *, may_repeat: bool = False) -> Card:
    """Say what is idle now, what changed since somebody asked, and what could not be seen."""
    where = escape(news.account, 60) if news.account else count(news.accounts, "account")
    text = f"You asked what is idle: {where} {'was' if news.accounts == 1 else 'were'} looked at."
    unpriced = f", {news.unpriced:,} of them without a known price" if news.unpriced else ""
    found = f"*{count(news.count, 'idle resource')}* worth {usd(news.monthly_cost)} a month{unpriced}."
    lines = [text, found if news.count else "Nothing is idle.", *_changes(news), *_failed(news.failed)]
    line = f"zombies --account {news.account}" if news.account else "zombies"
    shown = buttons("list", [command_button("list", "Show them", line)]) if news.count else []
    return Card(text, [*paragraphs("news", lines), *shown, *repeat_note(may_repeat=may_repeat)])


def _changes(news: ZombieNews) -> list[str]:
    changes = []
    if news.new:
        changes.append(f"New since you asked: {news.new:,}, worth {usd(news.new_usd)} a month.")
    if news.gone:
        changes.append(f"Gone since you asked: {news.gone:,}, which saves {usd(news.saved_usd)} a month.")
    return changes


def _failed(failed: tuple[str, ...]) -> list[str]:
    if not failed:
        return []
    more = f"; and {len(failed) - _FAILED_SHOWN:,} more" if len(failed) > _FAILED_SHOWN else ""
    return [f"Could not be looked at: {'; '.join(escape(one, 300) for one in failed[:_FAILED_SHOWN])}{more}."]

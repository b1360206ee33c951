"""The reply in a card's thread when something of another kind joined the incident, much more of the same, or what
made it critical."""

from blocks.anomaly_words import describe_lines
from blocks.card import Card, paragraphs, repeat_note
from blocks.money import rates
from engine.models.post import Joined


def joined(news: Joined, *, may_repeat: bool) -> Card:
    """Say what there is by now of what grew, and what the whole incident started costs by then."""
    least = "at least " if news.unknown_price else ""
    total = f"The incident started {least}{rates(news.hourly_cost)} in all."
    what = "This incident is critical now." if news.now_critical else "The incident has grown."
    lines = [f"*{what} There are now*", *describe_lines(news.lines), total]
    blocks = [*paragraphs("joined", lines), *repeat_note(may_repeat=may_repeat)]
    return Card(f"{what.rstrip('.')}: {least}{rates(news.hourly_cost)} in all", blocks)

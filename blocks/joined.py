"""The reply in a card's thread when something of another kind joined the incident."""

from blocks.anomaly_words import describe_lines
from blocks.card import Card, paragraphs, repeat_note
from blocks.money import rates
from blocks.text import count
from engine.models.post import Joined


def joined(news: Joined, *, may_repeat: bool) -> Card:
    """Say what joined, and what the whole incident started costs by then."""
    least = "at least " if news.unknown_price else ""
    total = f"The incident started {least}{rates(news.hourly_cost)} in all."
    lines = ["*This joined the incident*", *describe_lines(news.lines), total]
    blocks = [*paragraphs("joined", lines), *repeat_note(may_repeat=may_repeat)]
    kinds = count(len({(line.region, line.resource_type) for line in news.lines}), "thing")
    return Card(
        f"{kinds} of another type or Region joined the incident: {least}{rates(news.hourly_cost)} in all", blocks
    )

"""What is left of a card whose AWS account was disconnected."""

from collections.abc import Sequence

from blocks.card import Block, Card, context

RETIRED = (
    "There is no anomaly behind this card: its AWS account was disconnected, and its data is deleted or about to be."
)
_MOST_BLOCKS = 49
_SAID = "Its AWS account was disconnected: this card can no longer be answered."


def retired_card(text: str, blocks: Sequence[Block]) -> Card:
    """The card as it stands in the channel, without anything to click.

    >>> retired_card("A launch", [{"type": "actions", "elements": []}]).blocks[0]["block_id"]
    'retired'
    """
    kept = [{name: part for name, part in block.items() if name != "accessory"} for block in blocks]
    kept = [block for block in kept if block.get("type") != "actions"]
    return Card(text or _SAID, [*kept[:_MOST_BLOCKS], context("retired", [_SAID])])

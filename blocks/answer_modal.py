"""Answers where there is no channel to answer in: a button of the App Home opens a modal."""

from blocks.card import Block, Card, plain_text, section


def answer_modal(card: Card) -> Block:
    """The same answer that a command would have in a channel.

    >>> answer_modal(Card("Done.", []))["blocks"][0]["text"]["text"]
    'Done.'
    """
    return _modal(card.blocks or [section("said", card.text)])


def waiting_modal() -> Block:
    """What stands there until the answer is known."""
    return _modal([section("waiting", "One moment...")])


def _modal(blocks: list[Block]) -> Block:
    return {"type": "modal", "title": plain_text("dd0c/cost", 24), "close": plain_text("Close", 24), "blocks": blocks}

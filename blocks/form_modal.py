"""What stands in a form's place before there is one, or when there will be none."""

from blocks.card import Block, plain_text, section


def loading_form() -> Block:
    """What stands there while the form is made."""
    return _modal([section("loading", "One moment...")])


def said_form(text: str) -> Block:
    """One sentence in the form's place; it must be escaped."""
    return _modal([section("said", text)])


def _modal(blocks: list[Block]) -> Block:
    return {"type": "modal", "title": plain_text("dd0c/cost", 24), "close": plain_text("Close", 24), "blocks": blocks}

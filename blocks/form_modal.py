"""Modals: their common frame, and what stands in one before there is anything, or when there will be nothing."""

from blocks.card import Block, plain_text, section

_USUAL_TITLE = "dd0c/cost"


def modal(title: str, blocks: list[Block]) -> Block:
    """A modal that can be closed; a form has a button to submit it besides."""
    return {"type": "modal", "title": plain_text(title, 24), "close": plain_text("Close", 24), "blocks": blocks}


def loading_form(title: str = _USUAL_TITLE) -> Block:
    """What stands there while the modal is made; the title is that of the modal to come."""
    return said_form("One moment...", title)


def said_form(text: str, title: str = _USUAL_TITLE) -> Block:
    """One sentence in the modal's place; it must be escaped."""
    return modal(title, [section("said", text)])

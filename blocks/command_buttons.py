"""Buttons that do what a line behind ``/dd0c`` does."""

from blocks.card import Block, button

RUN_COMMAND = "command.run"


def command_button(name: str, label: str, line: str) -> Block:
    """A button for the line behind ``/dd0c``; ``name`` tells it from others beside it.

    >>> command_button("next", "Next", "anomalies --page 2")["action_id"]
    'command.run:next'
    """
    return button(f"{RUN_COMMAND}:{name}", label, line)


def buttons(block_id: str, elements: list[Block]) -> list[Block]:
    """A row of buttons; no block at all where there are none."""
    return [{"type": "actions", "block_id": block_id, "elements": elements}] if elements else []

"""``/dd0c ...``: what it understands and what it answers."""

from handlers.slack.commands.listener import ACTIONS, COMMAND, register

__all__ = ["ACTIONS", "COMMAND", "register"]

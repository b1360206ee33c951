"""What is said about webhooks."""

from blocks.card import Card, section
from blocks.text import code

_LONGEST = 300


def dead_webhook(url: str, reason: str) -> Card:
    """Say that an address was given up, and what mends it."""
    text = (
        f"I gave up telling your webhook {code(url[:_LONGEST])}: {code(reason[:_LONGEST])} When it works again, wake "
        f"it with {code('PATCH /v1/webhooks/{webhook_id}')}; what it missed is then sent to it."
    )
    return Card(text, [section("webhook", text)])

"""Somebody wants to know what is idle by now."""

from datetime import datetime

import msgspec


class ZombieAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked, and of which accounts that were not looked at for long; it lasts until they were told.

    ``ask_id`` is also the id of what tells them. ``user_id`` is empty where nobody is to be told: a program looks by
    itself. ``account`` is how one account was named, empty for all.
    """

    ask_id: str
    user_id: str
    asked_at: datetime
    account: str = ""
    account_ids: tuple[str, ...]

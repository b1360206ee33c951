"""Installations under way: each state is good for one return from Slack, and for a few minutes."""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from store.codec import SCHEMA_VERSION
from store.database import Database
from store.errors import translated


class OauthStates(AsyncOAuthStateStore):
    """The collection ``oauth_states``. It holds no state, only their hashes; it belongs to no tenant.

    ``new_state`` gives text that nobody can guess.
    """

    def __init__(
        self, database: Database, new_state: Callable[[], str], clock: Callable[[], datetime], lifetime: timedelta
    ) -> None:
        self._states = database.oauth_states
        self._new_state = new_state
        self._clock = clock
        self._lifetime = lifetime

    @property
    def logger(self) -> logging.Logger:
        """Where the SDK writes."""
        return logging.getLogger(__name__)

    @translated
    async def async_issue(self, *_args: object, **_named: object) -> str:
        """Give a new state and remember it."""
        state = self._new_state()
        row = {"_id": _digest(state), "schema_version": SCHEMA_VERSION, "expires_at": self._clock() + self._lifetime}
        await self._states.insert_one(row)
        return state

    @translated
    async def async_consume(self, state: str) -> bool:
        """Whether the state was issued, is not too old and was never consumed; of many at once, one is let in."""
        found = await self._states.find_one_and_delete({"_id": _digest(state), "expires_at": {"$gt": self._clock()}})
        return bool(found)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()

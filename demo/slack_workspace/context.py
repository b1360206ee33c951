"""What every Web API method may use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo.slack_workspace.errors import SlackError
from demo.slack_workspace.limits import RateLimiter
from demo.slack_workspace.params import Params
from demo.slack_workspace.state import WorkspaceState

TRIGGER_SECONDS = 3.0
Answer = dict[str, Any]


class Triggers:
    """Trigger ids: good for one modal, within three seconds of the interaction they came with."""

    def __init__(self, clock: Callable[[], float], team_id: str) -> None:
        self._clock = clock
        self._team_id = team_id
        self._issued: dict[str, tuple[str, float]] = {}
        self._used: set[str] = set()

    def issue(self, user_id: str) -> str:
        """Return a fresh trigger id for something this person did now."""
        trigger_id = f"{len(self._issued) + 1000}.{self._team_id}.{int(self._clock() * 1000):x}"
        self._issued[trigger_id] = (user_id, self._clock())
        return trigger_id

    def redeem(self, trigger_id: object) -> str:
        """Use a trigger id up and return whose it is."""
        if not isinstance(trigger_id, str) or trigger_id not in self._issued:
            raise SlackError("invalid_trigger_id")
        user_id, issued_at = self._issued[trigger_id]
        if self._clock() - issued_at > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        if trigger_id in self._used:
            raise SlackError("exchanged_trigger_id")
        self._used.add(trigger_id)
        return user_id


@dataclass
class Context:
    """The workspace's state and the parts that watch over its limits."""

    state: WorkspaceState
    limiter: RateLimiter
    triggers: Triggers

    def require_scope(self, *scopes: str) -> None:
        """Refuse with `missing_scope` unless the app was granted every one of the scopes."""
        missing = [scope for scope in scopes if scope not in self.state.scopes]
        if missing:
            provided = ",".join(sorted(self.state.scopes))
            raise SlackError("missing_scope", needed=",".join(missing), provided=provided)


@dataclass(frozen=True)
class Endpoint:
    """One Web API method and the scopes it always needs."""

    handle: Callable[[Context, Params], Answer]
    scopes: tuple[str, ...] = ()


class RateLimitedError(Exception):
    """The caller is too fast for this channel."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after

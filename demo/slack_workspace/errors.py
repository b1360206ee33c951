"""The one exception of the Web API: an answer with `ok: false`."""

from collections.abc import Sequence
from typing import Any


class SlackError(Exception):
    """A refusal, carrying Slack's error code and the messages that explain it."""

    def __init__(self, code: str, messages: Sequence[str] = (), **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = list(messages)
        self.extra = extra

    def to_answer(self) -> dict[str, Any]:
        """Return the JSON body Slack sends for this refusal."""
        answer: dict[str, Any] = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            answer["errors"] = [message.removeprefix("[ERROR] ") for message in self.messages]
            answer["response_metadata"] = {"messages": self.messages}
        return answer


class NoSuchElementError(LookupError):
    """A person tried to use a button, menu or view that is not on their screen."""

"""Whether Slack asks more than this process can take in: what is too much is refused before anything is done."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from slack_bolt.response import BoltResponse

from engine.models.metrics import SLACK_REFUSED
from handlers.slack.acknowledging import Acknowledgements
from handlers.slack.listeners import Listeners
from services.ports.watching import Meter

# Where more wait for their acknowledgement it comes too late for all of them.
MOST_AWAITED = 500
# What was acknowledged stays in memory until it is done, 10 to 30 KB each. Whoever is last waits for seconds by then.
MOST_AT_WORK = 2000
_LATER_SECONDS = "60"
_BUSY = "dd0c/cost is busy: nothing was done. Please try again in a minute."


class Crowd:
    """Refuses what comes while too much waits.

    Nothing of it is lost: people see that nothing was done, and Slack sends events again.
    """

    def __init__(self, acknowledgements: Acknowledgements, listeners: Listeners, meter: Meter) -> None:
        self._acknowledgements = acknowledgements
        self._listeners = listeners
        self._meter = meter

    def refusal(self, body: Mapping[str, Any]) -> BoltResponse | None:
        """Give the answer to a request for which there is no room, or None where there is some.

        A command's answer may carry words. To a click or a form it may not: at 503 Slack marks the button, or says in
        the form, that it did not work, and keeps what was typed.
        """
        if self._acknowledgements.count() < MOST_AWAITED and self._listeners.count() < MOST_AT_WORK:
            return None
        self._meter.note(SLACK_REFUSED, kind=_kind(body))
        if "command" in body:
            return BoltResponse(status=HTTPStatus.OK, body={"response_type": "ephemeral", "text": _BUSY})
        return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": _LATER_SECONDS})


def _kind(body: Mapping[str, Any]) -> str:
    if "command" in body:
        return "command"
    return "event" if "event" in body else "click"

"""What a command is made of."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from blocks.card import Card
from engine.command_line.options import Line
from handlers.slack.context import Caller, SlackServices

Answerer = Callable[[SlackServices, Caller, Line], Awaitable[Card]]


class Command(msgspec.Struct, frozen=True):
    """A word behind ``/dd0c``. ``options`` tells for each of its options whether it takes a value."""

    answer: Answerer
    options: Mapping[str, bool] = {}

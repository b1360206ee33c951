"""What a command is made of."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from blocks.card import Card
from engine.command_line.options import Line
from engine.roles import Deed
from handlers.slack.context import Caller, SlackServices

Answerer = Callable[[SlackServices, Caller, Line], Awaitable[Card]]


def always(deed: Deed) -> Callable[[Line], Deed]:
    """The same deed, whatever words follow."""
    return lambda _line: deed


class Command(msgspec.Struct, frozen=True):
    """A word behind ``/dd0c``. ``options`` tells for each of its options whether it takes a value.

    ``deed`` says what a line asks for, and ``engine.roles`` who may. One that ``takes_words`` says itself which of them
    it does not understand.
    """

    answer: Answerer
    options: Mapping[str, bool] = {}
    deed: Callable[[Line], Deed] = always(Deed.LOOK)
    takes_words: bool = True

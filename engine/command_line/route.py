"""``/dd0c settings route``: the words behind it."""

import re
from collections.abc import Sequence

import msgspec

from engine.command_line.nearest import did_you_mean
from engine.command_line.words import shown
from engine.errors import InvalidCommand
from engine.models.anomaly import Severity

OFF = "off"
ANY = "default"
USAGE = (
    "Say `/dd0c settings route ACCOUNT #channel`, `... route critical #channel`, `... route ACCOUNT critical "
    "#channel`, `... route default #channel` for all other cards, or `off` instead of the channel."
)
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]{1,30})(?:\|[^>]*)?>|([CG][A-Z0-9]{8,30})")
_SEVERITIES = {one.value: one for one in Severity}


class RouteWords(msgspec.Struct, frozen=True):
    """What somebody asks for. ``account`` is as it was typed; without it and a severity it is about all other cards.

    An empty ``channel_id`` takes the route away.
    """

    account: str
    severity: Severity | None
    channel_id: str

    @property
    def is_default(self) -> bool:
        """Whether this is about the channel of all cards that have no route."""
        return not self.account and self.severity is None


def parse_route(words: Sequence[str], account: str = "") -> RouteWords:
    """Read the words behind ``route``; ``account`` is what an option says, for one that is named like a severity.

    Raises InvalidCommand, with what to say, for words that are not understood.

    >>> parse_route(["prod", "Critical", "<#C012AB|oncall>"])
    RouteWords(account='prod', severity=<Severity.CRITICAL: 'critical'>, channel_id='C012AB')
    >>> parse_route(["critical", "off"]).channel_id
    ''
    """
    if not words:
        raise InvalidCommand(USAGE)
    *cases, target = words
    named = [word for word in cases if word.lower() not in _SEVERITIES and word.lower() != ANY]
    severities = [_SEVERITIES[word.lower()] for word in cases if word.lower() in _SEVERITIES]
    accounts = [*named, *([account] if account else [])]
    if len(accounts) > 1 or len(severities) > 1:
        raise InvalidCommand(f"A route is for one account, one severity, or one of each. {USAGE}")
    channel_id = _channel_id(target)
    if not cases and not account:
        raise InvalidCommand(f"Which cards? {USAGE}")
    route = RouteWords("".join(accounts), next(iter(severities), None), channel_id)
    if route.is_default and not channel_id:
        raise InvalidCommand("The channel of all other cards cannot be taken away, only changed.")
    if not route.is_default and any(word.lower() == ANY for word in cases):
        raise InvalidCommand(f"`default` stands alone: it is for all cards that have no route. {USAGE}")
    return route


def _channel_id(word: str) -> str:
    if word.lower() == OFF:
        return ""
    found = _CHANNEL.fullmatch(word)
    if found is not None:
        return found[1] or found[2]
    if word.startswith("#"):
        raise InvalidCommand(
            f"Slack did not say which channel {shown(word)} is: type `#` and choose it from the list that opens, or "
            "use the button of `/dd0c settings route`."
        )
    raise InvalidCommand(f"{shown(word)} is no channel.{did_you_mean(word, [OFF])} {USAGE}")


def parse_budget(words: Sequence[str], most: int, usual: int) -> int:
    """Read the words behind ``budget``: a number of cards for each channel and day, ``off`` (0) or ``default``.

    >>> parse_budget(["30"], 1000, 20), parse_budget(["off"], 1000, 20), parse_budget(["default"], 1000, 20)
    (30, 0, 20)
    """
    word = words[0].lower() if len(words) == 1 else ""
    if word == OFF:
        return 0
    if word == ANY:
        return usual
    if word.isascii() and word.isdecimal() and len(word) <= len(str(most)) and 1 <= int(word) <= most:
        return int(word)
    raise InvalidCommand(
        f"Say how many cards a channel takes a day, from 1 to {most:,}: `/dd0c settings budget {usual}`; `off` for any "
        "number, `default` for the usual one."
    )

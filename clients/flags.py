"""Rules on trial, evaluated by the OpenFeature SDK from a file on this machine; nothing is asked over the network."""

from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import msgspec
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.flag_evaluation import FlagResolutionDetails, Reason
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

from engine.errors import UNREADABLE, InvalidSetting
from engine.flags import Flag

MOST_TTL_DAYS = 14
_WHOLE = 100
_WORDS = {"on": True, "off": False}
Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{1,62}$")]


class FlagRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One flag of the file: on for ``accounts`` and for ``percent`` of all others, chosen by their ids; else off.

    ``covers`` names what it stands before, as a decision log would under ``graduated``.
    """

    name: Name
    description: Annotated[str, msgspec.Meta(min_length=1)]
    owner: Annotated[str, msgspec.Meta(min_length=1)]
    created: date
    ttl_days: Annotated[int, msgspec.Meta(ge=1, le=MOST_TTL_DAYS)]
    default: bool = False
    percent: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    accounts: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()

    @property
    def expires(self) -> date:
        """The first day on which the flag must have graduated or gone."""
        return self.created + timedelta(days=self.ttl_days)


class FlagFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    flags: tuple[FlagRow, ...]


def parse_flags(text: bytes) -> tuple[FlagRow, ...]:
    """Raises InvalidSetting, which says what is wrong with the file."""
    try:
        rows = msgspec.json.decode(text, type=FlagFile).flags
    except UNREADABLE as error:
        raise InvalidSetting(f"flags.json cannot be read: {error}") from error
    names = [row.name for row in rows]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidSetting(f"flags.json names a flag twice: {', '.join(twice)}")
    if lasting := sorted(row.name for row in rows if row.default):
        raise InvalidSetting(f"flags.json has a flag that is on by default; flags are off by default: {lasting[0]}")
    return rows


def load_flags() -> tuple[FlagRow, ...]:
    """The file that came with this version."""
    packaged = files("bot").joinpath("flags.json")
    if packaged.is_file():
        return parse_flags(packaged.read_bytes())
    return parse_flags((Path(__file__).parents[1] / "flags.json").read_bytes())


def parse_overrides(text: str) -> dict[str, bool]:
    """Read ``name=on,other=off``. Raises InvalidSetting."""
    found = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, word = (piece.strip() for piece in part.partition("="))
        if name not in set(Flag) or word not in _WORDS:
            known = ", ".join(f"{flag}=on or {flag}=off" for flag in Flag)
            raise InvalidSetting(
                f"DD0C_FLAGS: {part!r} says nothing. Write {known or 'nothing there'}, several separated by commas."
            )
        found[name] = _WORDS[word]
    return found


class LocalFlags:
    """Says which rules on trial are on for an account. Overrides hold for all accounts."""

    def __init__(self, rows: tuple[FlagRow, ...], overrides: Mapping[str, bool]) -> None:
        self._known = tuple(flag for flag in Flag if flag in {row.name for row in rows})
        self._client = _client({row.name: _in_memory(row, overrides.get(row.name)) for row in rows})

    def find_on(self, account_id: str) -> frozenset[Flag]:
        """Those that are on; a flag that cannot be evaluated is off."""
        context = EvaluationContext(targeting_key=account_id)
        return frozenset(flag for flag in self._known if self._client.get_boolean_value(flag.value, False, context))


def _client(flags: dict[str, InMemoryFlag[bool]]) -> OpenFeatureClient:
    """A provider of its own, for the SDK keeps all of a process in one table by domain."""
    domain = f"dd0c-{uuid4().hex}"
    api.set_provider_and_wait(InMemoryProvider(flags), domain)
    return api.get_client(domain)


def _in_memory(row: FlagRow, override: bool | None) -> InMemoryFlag[bool]:
    def evaluate(_: InMemoryFlag[bool], context: EvaluationContext) -> FlagResolutionDetails[bool]:
        on = override if override is not None else _is_chosen(row, context.targeting_key or "")
        return FlagResolutionDetails(value=on, variant="on" if on else "off", reason=Reason.TARGETING_MATCH)

    return InMemoryFlag("off", {"on": True, "off": False}, context_evaluator=evaluate)


def _is_chosen(row: FlagRow, account_id: str) -> bool:
    digest = sha256(f"{row.name}/{account_id}".encode()).digest()
    return account_id in row.accounts or int.from_bytes(digest[:4]) % _WHOLE < row.percent

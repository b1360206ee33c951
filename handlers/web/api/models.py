"""What all resources speak in."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,12})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_FRACTION = re.compile(r"(\.\d{6})\d+")
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
ACCOUNT_ID = r"^[0-9]{12}$"
ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"


class Model(BaseModel):
    """Base of all that comes in or goes out. What comes in has no fields that nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_enum_values=False)


class Nothing(Model):
    """No parameters, or no body."""


def parse_moment(value: Any) -> datetime:
    """Read an RFC 3339 time; what lies beyond the calendar in UTC becomes its end.

    >>> parse_moment("2026-11-21T10:00:00+02:00").isoformat()
    '2026-11-21T08:00:00+00:00'
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError("must be a time like 2026-11-21T10:00:00Z; in an address, + is written %2B")
    text = _FRACTION.sub(r"\1", value.upper())
    if text[17:19] == "60":  # RFC 3339 has leap seconds, Python's calendar does not.
        text = f"{text[:17]}59{text[19:]}"
    moment = datetime.fromisoformat(text)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return EARLIEST if moment.year == EARLIEST.year else _LATEST


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    BeforeValidator(parse_moment),
    PlainSerializer(_shown, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
AccountId = Annotated[str, Field(pattern=ACCOUNT_ID, description="The 12 digits of an AWS account.")]
Id = Annotated[str, Field(pattern=ID)]


def _cents(amount: float) -> float:
    return round(amount, 2)


# A sum of money, exact to the cent. What something costs an hour is not rounded.
Usd = Annotated[float, PlainSerializer(_cents, return_type=float)]


class Page(Model):
    """Base of lists that come in pages."""

    next_cursor: str | None = Field(
        default=None, description="Give it as `cursor` to get the next page; null on the last one."
    )

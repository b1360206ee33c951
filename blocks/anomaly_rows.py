"""One anomaly as two lines of a list."""

from blocks.anomaly_words import SEVERITY_WORDS, amount_of, place
from blocks.money import PRICE_UNKNOWN, per_hour, usd
from blocks.text import count, escape, plain, short_actor, when
from engine.models.precursor import PrecursorKind
from engine.models.report import AnomalyRow

_PRECURSORS = frozenset(PrecursorKind)


def row_text(row: AnomalyRow) -> str:
    """What, how dear and in which state; below it who, where and when. A precursor has neither price nor state."""
    others = f" and {count(row.other_types, 'other type')}" if row.other_types else ""
    what = escape(f"{SEVERITY_WORDS[row.severity]}: {amount_of(row.resource_type, row.quantity)}{others}")
    region = escape(place(row.regions or ("no Region",)))
    price = "" if row.resource_type in _PRECURSORS else f": {_price(row)}, {_state(row)}"
    actor, account = escape(short_actor(row.actor_name), 100), escape(row.account_name, 60) or "-"
    return f"*{what}* in {region}{price}\nby {actor} in {account} · {when(row.first_event_time)}"


def plain_row(row: AnomalyRow) -> str:
    """Give the same without markup and without the time, in one line."""
    others = f" and {count(row.other_types, 'other type')}" if row.other_types else ""
    what = f"{SEVERITY_WORDS[row.severity]}: {amount_of(row.resource_type, row.quantity)}{others}"
    region = place(row.regions or ("no Region",))
    price = "" if row.resource_type in _PRECURSORS else f": {_price(row)}, {_state(row)}"
    return plain(f"{what} in {region}{price}, by {short_actor(row.actor_name)} in {plain(row.account_name, 60)}", 600)


def _price(row: AnomalyRow) -> str:
    price = per_hour(row.hourly_cost) if row.upfront_cost is None else f"{usd(row.upfront_cost)} bound for a term"
    return f"at least {price}" if row.unknown_price and price != PRICE_UNKNOWN else price


def _state(row: AnomalyRow) -> str:
    state = "stopped" if row.ended_at is not None else row.status.value
    return f"{state}, without a card for the alert budget was used up" if row.is_held else state

"""One anomaly as two lines of a list."""

from blocks.anomaly_words import SEVERITY_WORDS, amount_of, place
from blocks.money import per_hour
from blocks.text import escape, short_actor, when
from engine.models.report import AnomalyRow


def row_text(row: AnomalyRow) -> str:
    """What, how dear and in which state; below it who, where and when."""
    what = escape(f"{SEVERITY_WORDS[row.severity]}: {amount_of(row.resource_type, row.quantity)}")
    region = escape(place(row.regions or ("no Region",)))
    state = "stopped" if row.ended_at is not None else row.status.value
    actor, account = escape(short_actor(row.actor_name), 100), escape(row.account_name, 60) or "-"
    return (
        f"*{what}* in {region}: {per_hour(row.hourly_cost)}, {state}\n"
        f"by {actor} in {account}, {when(row.first_event_time)}"
    )

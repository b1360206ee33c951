"""The answer to ``/dd0c settings zombies``: the thresholds from which on something counts as idle."""

from collections.abc import Sequence

from blocks.card import MESSAGE_LIMIT, Card, context, fitting, header, paragraphs
from blocks.text import code
from engine.zombies.own_thresholds import ThresholdRow, rules_at

_HOW = (
    "`/dd0c settings zombies NAME NUMBER` changes one, `default` brings the usual value back. A change counts from the "
    "next look on, within a day; findings say which threshold they were found at. docs/zombies.md says what each means."
)
_ROOM = (MESSAGE_LIMIT - 1000) // 2  # The header and how to change one take the rest.


def zombie_settings(rows: Sequence[ThresholdRow]) -> Card:
    """List them all, those that were chosen first."""
    own = [row for row in rows if row.is_own]
    usual = ", ".join(fitting((f"{code(row.name, 60)} {row.value:,.15g}" for row in rows if not row.is_own), _ROOM))
    chosen = fitting(map(_chosen, own), _ROOM) or ["All thresholds are the usual ones."]
    rest = ["*As usual*", usual] if usual else []
    text = f"{len(own):,} of {len(rows):,} zombie thresholds are your own."
    blocks = [
        header("When something counts as idle"),
        *paragraphs("own", chosen),
        *paragraphs("usual", rest),
        context("how", [_HOW]),
    ]
    return Card(text, blocks)


def _chosen(row: ThresholdRow) -> str:
    about = ", ".join(rules_at(row.name))
    named = f" ({about})" if about else ""
    return f"• {code(row.name, 60)} *{row.value:,.15g}*, usually {row.usual:,.15g}{named}"

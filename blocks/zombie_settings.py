"""The answer to ``/dd0c settings zombies``: the thresholds from which on something counts as idle."""

from collections.abc import Sequence

from blocks.card import Card, context, header, paragraphs
from blocks.text import code
from engine.zombies.own_thresholds import ThresholdRow, rules_at

_HOW = (
    "`/dd0c settings zombies NAME NUMBER` changes one, `default` brings the usual value back. A change counts from the "
    "next look on, within a day; findings say which threshold they were found at. docs/zombies.md says what each means."
)


def zombie_settings(rows: Sequence[ThresholdRow]) -> Card:
    """List them all, those that were chosen first."""
    own = [row for row in rows if row.is_own]
    usual = ", ".join(f"{code(row.name, 60)} {row.value:,.15g}" for row in rows if not row.is_own)
    chosen = [_chosen(row) for row in own] or ["All thresholds are the usual ones."]
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

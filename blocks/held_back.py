"""The one message that stands for all cards beyond a channel's alert budget of a day."""

from blocks.anomaly_rows import row_text
from blocks.card import Card, context, header, paragraphs, repeat_note, section, shorten
from blocks.money import rates
from blocks.text import code, count
from engine.models.post import HeldBack
from engine.models.report import AnomalyRow

_SHORT_ID = 8
_ROWS_SHOWN = 10


def held_back(held: HeldBack, *, may_repeat: bool) -> Card:
    """Say how many findings had no card and what they cost, the dearest by name.

    >>> held_back(HeldBack(day="2026-11-21", budget=20, total=3, hourly_cost=4.5), may_repeat=False).text
    '3 more findings without a card today: $4.50 per hour · $108.00 per day'
    """
    said = f"{count(held.total, 'more finding')} without a card today: {rates(held.hourly_cost)}"
    lines = shorten([_line(row) for row in held.rows], _ROWS_SHOWN)
    blocks = [
        header("More findings than cards today"),
        section("sums", f"{said}. This channel has had its {count(held.budget, 'card')}."),
        *paragraphs("rows", lines),
        context("how", [_HOW]),
        *repeat_note(may_repeat=may_repeat),
    ]
    return Card(said, blocks)


def _line(row: AnomalyRow) -> str:
    return f"{row_text(row)} · {code(row.anomaly_id[:_SHORT_ID])}"


_HOW = (
    "`/dd0c anomalies` lists all, `/dd0c explain ID` tells everything of one, `/dd0c settings budget` sets how many "
    "cards there are. What the safety net catches has its card all the same."
)

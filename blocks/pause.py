"""The answers to ``/dd0c pause`` and ``/dd0c resume``, and what the alert channel is told of them."""

from blocks.anomaly_rows import row_text
from blocks.card import Card, context, fitting, header, paragraphs, repeat_note, section
from blocks.command_buttons import buttons, command_button
from blocks.money import per_hour
from blocks.panic import panic_words, who_and_why
from blocks.text import count, mention, when
from engine.models.account import OperatorPanic
from engine.models.pause import Paused, Resumed

_WHAT = (
    "Everything is still scored and logged; no card, digest or notice is sent. `/dd0c resume` ends it and sums up what "
    "was found."
)
_ROOM = 9000


def paused(view: Paused) -> Card:
    """Confirm a pause, or say that there is one already."""
    by = mention(view.by)
    text = "Alerting is paused." if view.newly else f"Alerting is paused already, {when(view.since, 'since')}, by {by}."
    held = count(view.held, "card that was not sent yet is", "cards that were not sent yet are")
    lines = [f"{text} {_WHAT}", *([f"{held} kept for the summary."] if view.held else [])]
    resume = command_button("resume", "Resume alerting", "resume")
    return Card(text, [section("paused", "\n".join(lines)), *buttons("resume", [resume])])


def _who_resumed(view: Resumed) -> str:
    if view.operator is None:
        return f"{mention(view.by)} resumed alerting."
    return f"Alerting was paused for everybody by dd0c's operator{who_and_why(view.operator)}. It is on again."


def _still_paused(view: Resumed, panic: OperatorPanic) -> Card:
    """Nobody of the tenant's can end what the operator began."""
    text = "Your pause has ended, but alerting stays paused." if view.since else "Only the operator can end this."
    return Card(text, [section("resumed", f"{text} {panic_words(panic)}")])


def pause_notice(user_id: str, *, may_repeat: bool = False) -> Card:
    """Tell the alert channel that it will be silent."""
    text = f"{mention(user_id)} paused alerting: no card, digest or notice comes until somebody says `/dd0c resume`."
    return Card(
        text, [section("paused", f"{text} Everything is still scored and logged."), *repeat_note(may_repeat=may_repeat)]
    )


def resumed(view: Resumed, *, may_repeat: bool = False) -> Card:
    """Sum up a pause that has ended."""
    if view.is_still_paused and view.operator is not None:
        return _still_paused(view, view.operator)
    if view.since is None:
        text = "Alerting was not paused: cards come as ever."
        return Card(text, [section("resumed", text)])
    said = _who_resumed(view)
    found = count(view.total, "anomaly was", "anomalies were")
    text = f"{said} {found} found and not told {when(view.since, 'since')}"
    running = f"; {per_hour(view.hourly_cost)} of it still runs." if view.total else "."
    small = repeat_note(may_repeat=may_repeat)
    if not view.rows:
        return Card(f"{text}.", [section("resumed", text + running), *small])
    rows = fitting([row_text(row) for row in view.rows], _ROOM)
    rest = view.total - len(rows)
    more = [context("more", [f"And {rest:,} more: `/dd0c anomalies --suppressed` lists them all."])] if rest > 0 else []
    blocks = [header("Alerting is on again"), section("resumed", text + running), *paragraphs("rows", rows)]
    return Card(f"{text}.", [*blocks, *more, *small])

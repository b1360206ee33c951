"""The operator's panic mode in words."""

from blocks.text import escape, when
from engine.models.account import OperatorPanic

_LONGEST = 300


def panic_words(panic: OperatorPanic) -> str:
    """Say that it holds, since when, who wants it and why.

    >>> from engine.examples import MONDAY
    >>> panic_words(OperatorPanic(since=MONDAY, by="Ann", why="prices are wrong")).partition(" <")[0]
    "*Alerting is paused for everybody by dd0c's operator*"
    """
    said = f"*Alerting is paused for everybody by dd0c's operator* {when(panic.since, 'since')}{who_and_why(panic)}"
    return f"{said}. Everything is scored and logged, nothing is sent, and one summary comes when it ends."


def who_and_why(panic: OperatorPanic) -> str:
    """Give who wants it and why, as far as the policy says so, to go on with a sentence.

    >>> from engine.examples import MONDAY
    >>> who_and_why(OperatorPanic(since=MONDAY, by="Ann", why="prices are wrong"))
    ', by Ann: prices are wrong'
    """
    by = f", by {escape(panic.by, _LONGEST)}" if panic.by.strip() else ""
    why = f": {escape(panic.why.strip().removesuffix('.'), _LONGEST)}" if panic.why.strip() else ""
    return f"{by}{why}"

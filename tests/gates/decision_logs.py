"""A change of what is scored, learned or told needs a decision log: what was asked, weighed and decided."""

import ast
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec

from tests.gates.history import changed, text_at, text_now

LOGS = "docs/decisions"
_NAME = re.compile(rf"{LOGS}/\d{{4}}-[a-z0-9-]+\.json")
# What uses scoring, or says who is told and what is learned, outside the folders of scoring and baselines.
DECIDING = (
    "expected",
    "governance",
    "grouping",
    "incidents",
    "lessons",
    "maturity",
    "modes",
    "overdue",
    "patterns",
    "peace",
    "pipeline",
    "precursors",
    "severity",
    "teaching",
    "verdicts",
)
_GUARDED = re.compile(
    r"engine/(scoring|baselines)/.+\.py|engine/zombies/thresholds\.py"
    rf"|engine/(flags|breaker|{'|'.join(DECIDING)})\.py"
)
Words = Annotated[str, msgspec.Meta(min_length=1)]


class Compared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sample event, as `scripts/before_after.py` prints it, or one row of a benchmark's table."""

    event: Words
    before: Words
    after: Words


class DecisionLog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why scoring is as it is. ``prompt`` is the question that was asked; ``confidence`` from 0 to 1.

    ``graduated`` names what carries no flag from now on, as ``tests.gates.trials.judges`` does; the rest says why.
    """

    prompt: Words
    reasoning: Annotated[str, msgspec.Meta(min_length=80)]
    alternatives_considered: Annotated[list[Words], msgspec.Meta(min_length=1)]
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)]
    timestamp: Annotated[datetime, msgspec.Meta(tz=True)]
    author: Words
    before_after: Annotated[list[Compared], msgspec.Meta(min_length=1)]
    graduated: list[Words] = []


def parse_log(text: bytes) -> DecisionLog:
    """Raises msgspec.ValidationError, which says which field is missing or wrong."""
    return msgspec.json.decode(text, type=DecisionLog)


def lacks_log(changed: Mapping[str, tuple[str, str]]) -> list[str]:
    """Of path -> (text before, text now), those that change what is decided while no log came with them.

    Comments, docstrings and layout decide nothing.
    """
    if any(_NAME.fullmatch(path) and not before and now for path, (before, now) in changed.items()):
        return []
    return sorted(path for path, texts in changed.items() if _GUARDED.fullmatch(path) and _acts(*texts))


def _acts(before: str, now: str) -> bool:
    return code_of(before) != code_of(now)


def code_of(text: str) -> str:
    """What a module does, without its words."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def changes_since(base: str) -> dict[str, tuple[str, str]]:
    """Guarded files and decision logs of the working tree that differ from ``base``: path -> (before, now)."""
    relevant = [name for name in changed(base) if _GUARDED.fullmatch(name) or _NAME.fullmatch(name)]
    return {name: (text_at(base, name), text_now(name)) for name in relevant}


def new_logs(base: str) -> list[DecisionLog]:
    """The decision logs that came after ``base``."""
    names = [name for name in changed(base, LOGS) if _NAME.fullmatch(name) and not text_at(base, name)]
    return [parse_log(text.encode()) for text in map(text_now, names) if text]

"""A change of what is scored, learned or told needs a decision log: what was asked, weighed and decided."""

import ast
import re
import subprocess
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

ROOT = Path(__file__).parents[2]
LOGS = "docs/decisions"
_NAME = re.compile(rf"{LOGS}/\d{{4}}-[a-z0-9-]+\.json")
_GUARDED = re.compile(r"engine/(scoring|baselines)/.+\.py|engine/(governance|grouping|maturity|flags|breaker)\.py")
Words = Annotated[str, msgspec.Meta(min_length=1)]


class Compared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sample event, as `scripts/before_after.py` prints it, or one row of a benchmark's table."""

    event: Words
    before: Words
    after: Words


class DecisionLog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why scoring is as it is. ``prompt`` is the question that was asked; ``confidence`` from 0 to 1."""

    prompt: Words
    reasoning: Annotated[str, msgspec.Meta(min_length=80)]
    alternatives_considered: Annotated[list[Words], msgspec.Meta(min_length=1)]
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)]
    timestamp: Annotated[datetime, msgspec.Meta(tz=True)]
    author: Words
    before_after: Annotated[list[Compared], msgspec.Meta(min_length=1)]


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
    return _code(before) != _code(now)


def _code(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def bases() -> list[str]:
    """What the working tree is compared with: the last tag and where it left main, if they are there; its parent."""
    tag = _git("describe", "--tags", "--abbrev=0", check=False).strip()
    left_main = _git("merge-base", "HEAD", "origin/main", check=False).strip()
    return [*filter(None, (tag, left_main)), _git("rev-parse", "--verify", "HEAD^").strip()]


def is_shallow() -> bool:
    """Whether this is a clone that left out its history."""
    return _git("rev-parse", "--is-shallow-repository", check=False).strip() == "true"


def changes_since(base: str) -> dict[str, tuple[str, str]]:
    """Guarded files and decision logs of the working tree that differ from ``base``: path -> (before, now)."""
    names = [*_git("diff", "--name-only", base).splitlines()]
    names += _git("ls-files", "--others", "--exclude-standard", "--", "engine", LOGS).splitlines()
    relevant = [name for name in names if _GUARDED.fullmatch(name) or _NAME.fullmatch(name)]
    return {name: (_git("show", f"{base}:{name}", check=False), _now(name)) for name in relevant}


def _now(name: str) -> str:
    path = ROOT / name
    return path.read_text() if path.exists() else ""


def _git(*words: str, check: bool = True) -> str:
    command = ["git", "-C", str(ROOT), *words]
    return subprocess.run(command, check=check, capture_output=True, text=True).stdout  # noqa: S603 - fixed words

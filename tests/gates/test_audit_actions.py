"""Nothing that is to be recorded is forgotten: the code writes each kind of audit entry, and a test looks for it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.models.audit import AuditAction

ROOT = Path(__file__).parents[2]
WRITERS = ("engine", "services", "store")
KINDS = ROOT / "engine" / "models" / "audit.py"
# Samples are what tests put in; they look for nothing.
ASIDE = frozenset({Path(__file__), ROOT / "tests" / "store" / "samples.py"})


def text_of(paths: Iterator[Path], aside: frozenset[Path]) -> str:
    return "\n".join(path.read_text() for path in paths if path not in aside)


@pytest.fixture(scope="module")
def code() -> str:
    return text_of((path for home in WRITERS for path in (ROOT / home).rglob("*.py")), frozenset({KINDS}))


@pytest.fixture(scope="module")
def tests() -> str:
    return text_of((ROOT / "tests").rglob("test_*.py"), ASIDE)


@pytest.mark.parametrize("action", AuditAction)
def test_each_kind_of_entry_is_written_and_looked_for(action: AuditAction, code: str, tests: str) -> None:
    assert re.search(rf"\bAuditAction\.{action.name}\b", code), f"no code writes {action}"
    looked_for = rf"\bAuditAction\.{action.name}\b|[\"']{re.escape(action)}[\"']"
    assert re.search(looked_for, tests), f"no test looks for {action}"

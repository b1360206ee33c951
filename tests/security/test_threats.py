"""docs/security.md promises tests by name: each of them is there, and each threat has some."""

import ast
import re

from tests.security.test_patterns import HOUSE

_PAGE = (HOUSE / "docs" / "security.md").read_text()
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def names_in(path: str) -> set[str]:
    """The tests of a file that run."""
    tree = ast.parse((HOUSE / path).read_text())
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_test_that_is_promised_is_there() -> None:
    named = _NAMED.findall(_PAGE)
    assert len(named) > 50
    assert len(set(named)) == len(named)
    assert [f"{path}::{name}" for path, name in named if name not in names_in(path)] == []


def test_every_threat_has_a_test() -> None:
    threats = _PAGE.split("## Threats\n")[1].split("\n## ")[0].split("\n### ")[1:]
    assert len(threats) >= 12
    assert [threat.splitlines()[0] for threat in threats if not _NAMED.search(threat)] == []


def test_every_test_of_this_folder_is_named() -> None:
    files = {path.relative_to(HOUSE).as_posix() for path in (HOUSE / "tests" / "security").glob("test_*.py")}
    assert files - {path for path, _ in _NAMED.findall(_PAGE)} == {"tests/security/test_threats.py"}

"""What the import linter cannot see of the house rules."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"bench", "blocks", "bot", "clients", "demo", "engine", "handlers", "scheduler", "services", "store"}
WITH_PYTHON = PACKAGES | {"infra", "scripts", "tests"}  # The first two hold programs that nothing imports.
DISTRIBUTION = "dd0c-cost"

NOT_OURS = {".venv", "build", "dist"}
IGNORE_WITHOUT_REASON = re.compile(r"#\s*noqa(?!: [A-Z0-9, ]+ --? \w)|#\s*type:\s*ignore(?!\[[a-z-, ]+\] +# \w)")
CLOCKS = {"now", "utcnow", "today"}
OUTSIDE_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def impurities(source: str) -> list[str]:
    """Name every ``async def``, clock and outside call in ``source`` with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.AsyncFunctionDef(name=name):
                found.append(f"{node.lineno}: async def {name}")
            case ast.Call(func=ast.Name(id=name)) if name in OUTSIDE_CALLS:
                found.append(f"{node.lineno}: {name}()")
            case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCKS:
                found.append(f"{node.lineno}: .{name}()")
    return found


def test_only_the_known_folders_hold_python() -> None:
    holders = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    environments = {name for name in holders if name.startswith(".venv")}
    assert holders - NOT_OURS - environments == WITH_PYTHON
    assert not list(ROOT.glob("*.py"))


def test_the_wheel_the_linter_and_the_folders_name_the_same_packages() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert set(pyproject["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES
    assert set(pyproject["importlinter"]["root_packages"]) == PACKAGES
    assert all((ROOT / package / "__init__.py").is_file() for package in PACKAGES)


def test_no_other_distribution_brings_one_of_our_names() -> None:
    owners = metadata.packages_distributions()
    others = {name: set(owners.get(name, [])) - {DISTRIBUTION} for name in PACKAGES}
    assert not {name: distributions for name, distributions in others.items() if distributions}


@pytest.mark.parametrize("folder", ["engine", "blocks"])
def test_pure_folders_have_no_coroutines_clocks_or_files(folder: str) -> None:
    found = {str(path.relative_to(ROOT)): impurities(path.read_text(encoding="utf-8")) for path in python_files(folder)}
    assert not {path: lines for path, lines in found.items() if lines}


def test_impurities_are_recognised() -> None:
    source = "async def f(): pass\ndatetime.now()\nopen('x')\ndef g(moment): return moment.isoformat()\n"
    assert impurities(source) == ["1: async def f", "2: .now()", "3: open()"]


def test_bytes_from_outside_are_refused_whatever_is_wrong_with_them() -> None:
    """Who catches only msgspec's own errors ends with a traceback over a byte that is no UTF-8, or a deep nest."""
    half = re.compile(r"except \(?[^:]*msgspec\.(Msgspec|Decode)Error")
    # The window cuts values out of a stream and reads in the error's words where one ends.
    found = [
        str(path.relative_to(ROOT))
        for path in python_files(*sorted(PACKAGES - {"bench"}))
        if path.name != "window.py" and half.search(path.read_text(encoding="utf-8"))
    ]
    assert not found, "catch engine.errors.UNREADABLE"


def test_every_ignore_carries_its_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in python_files(*sorted(WITH_PYTHON))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if IGNORE_WITHOUT_REASON.search(line)
    ]
    assert not bare, "write the reason: '# noqa: CODE - reason' or '# type: ignore[code]  # reason'"


@pytest.mark.parametrize(
    ("comment", "bare"),
    [
        ("noqa", True),
        ("noqa: S603", True),
        ("noqa: S603 - built by us", False),
        ("noqa: S603, PLW1509 -- built by us", False),
        ("type: ignore", True),
        ("type: ignore[arg-type]", True),
        ("type: ignore[arg-type]  # the stub is wrong", False),
    ],
)
def test_reasons_are_recognised(comment: str, bare: bool) -> None:
    assert bool(IGNORE_WITHOUT_REASON.search(f"# {comment}")) is bare

"""No pattern of ours takes more than its fair time over hostile text: repetition that fits nearly to the end."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import _parser  # type: ignore[attr-defined] # the only place that knows how a pattern is built
from typing import Any, TypeGuard

import msgspec
import pytest

from bot.redaction import Redaction

PACKAGES = ("blocks", "bot", "clients", "engine", "handlers", "scheduler", "services", "store")
HOUSE = Path(__file__).parents[2]
LENGTH = 2_000
# All of them take a few seconds. One that goes back over everything for each pair of letters takes a day.
PATIENCE_SECONDS = 120
REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
# Patterns under these names are looked for anywhere in a text; all others must fit it from its beginning.
_SEARCHED = re.compile(r"(\w+)\.(?:search|sub|subn|split|findall|finditer)\(")
WITH_PATTERN = ("compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")
# All of these are made of our own words when their module is loaded, or repeat nothing.
MADE_LATER = {
    ("bot/redaction.py", "__init__"),
    ("clients/prices/rules.py", "_rule"),
    ("clients/tickets/shapes.py", "key_of"),
    ("engine/command_line/values.py", "parse_span"),
    ("engine/remediation/machine_learning.py", "_job"),
    ("handlers/web/site/anomaly.py", "_id_in"),
    ("handlers/web/site/anomaly_filter.py", "parse_filter"),
}
Found = tuple[str, re.Pattern[Any], bool]


def all_patterns() -> Iterator[Found]:
    """Every pattern in a module's own names and in what those hold, and whether it is searched for in texts."""
    searched = {name for path in sources() for name in _SEARCHED.findall(path.read_text())}
    for name in PACKAGES:
        package = importlib.import_module(name)
        for info in pkgutil.walk_packages(package.__path__, f"{name}."):
            module = importlib.import_module(info.name)
            for holder, value in vars(module).items():
                yield from ((f"{info.name}.{holder}", one, holder in searched) for one in found_in(value, 4))
    yield from written_inline()
    yield "bot.redaction.Redaction", Redaction(["open sesame"])._pattern, True  # noqa: SLF001 - made of what is secret


def sources() -> Iterator[Path]:
    """The files of the program."""
    return (path for name in PACKAGES for path in (HOUSE / name).rglob("*.py"))


def found_in(value: object, depth: int) -> Iterator[re.Pattern[Any]]:
    """The patterns in a value, its items and its attributes."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        for one in value.values():
            yield from found_in(one, depth - 1)
    elif depth and isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            yield from found_in(one, depth - 1)
    elif depth and isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from found_in(getattr(value, name), depth - 1)


def pumps(pattern: re.Pattern[Any]) -> Iterator[str]:
    """Hostile texts: what leads up to each repetition once, what it repeats very often, then what fits nowhere."""
    tree = _parser.parse(pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1"))
    prefix, seen = "", set()
    for operator, argument in tree:
        for unit in repeated(operator, argument):
            for before in {prefix, ""}:
                for after in ("\x00", "!", "", before):
                    text = (before + unit * (LENGTH // max(len(unit), 1)) + after)[: LENGTH * 2]
                    if text not in seen:
                        seen.add(text)
                        yield text
        prefix += sample(operator, argument)
    yield prefix * (LENGTH // max(len(prefix), 1))
    yield "a" * LENGTH + "\x00"
    yield "0" * LENGTH + "\x00"
    yield " " * LENGTH + "\x00"


def repeated(operator: Any, argument: Any) -> Iterator[str]:
    """One round of every repetition in this part, wherever it stands in it."""
    if str(operator) in REPEATS:
        yield "".join(sample(*one) for one in argument[2]) or "a"
    for inner in inside(operator, argument):
        for one in inner:
            yield from repeated(*one)


def inside(operator: Any, argument: Any) -> list[Any]:
    """The parts of a part."""
    kind = str(operator)
    if kind in REPEATS:
        return [argument[2]]
    if kind == "SUBPATTERN":
        return [argument[3]]
    if kind == "BRANCH":
        return list(argument[1])
    if kind in ("ASSERT", "ASSERT_NOT"):
        return [argument[1]]
    return [argument] if kind == "ATOMIC_GROUP" else []


def sample(operator: Any, argument: Any) -> str:
    """Some text that this part takes, or nearly."""
    kind = str(operator)
    if kind == "LITERAL":
        return str(chr(argument))
    if kind == "IN":
        return member(argument)
    if kind == "ANY":
        return "a"
    if kind in REPEATS:
        return "".join(sample(*one) for one in argument[2]) * max(1, min(int(argument[0]), 50))
    parts = inside(operator, argument)
    return "".join(sample(*one) for one in parts[0]) if parts and not kind.startswith("ASSERT") else ""


def member(choices: Any) -> str:
    """A character of a class; of one that excludes, a letter that it probably does not."""
    for operator, argument in choices:
        kind = str(operator)
        if kind == "NEGATE":
            return "a"
        if kind == "LITERAL":
            return chr(argument)
        if kind == "RANGE":
            return chr(argument[0])
        if kind == "CATEGORY":
            return {"CATEGORY_DIGIT": "0", "CATEGORY_SPACE": " "}.get(str(argument), "a")
    return "a"


def try_all(patterns: Iterable[Found]) -> int:
    """Say which pattern is tried before it is, so that whoever waits knows which one never ended; gives how many."""
    count = 0
    for name, pattern, searched in patterns:
        print(name, pattern.pattern, file=sys.stderr, flush=True)  # noqa: T201 - to the test that waits
        for text in pumps(pattern):
            given: Any = text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")
            pattern.fullmatch(given)
            if searched:
                pattern.search(given)
        count += 1
    return count


def start(program: str) -> subprocess.Popen[str]:
    """Try patterns in a process of their own, which can be stopped: a pattern at work cannot."""
    command = [sys.executable, "-c", f"from tests.security import test_patterns as t; print({program})"]
    return subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own interpreter


def test_every_pattern_bears_hostile_text() -> None:
    process = start("t.try_all(t.all_patterns())")
    try:
        count, said = process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"did not end: {process.communicate()[1].splitlines()[-1]}")
    assert process.returncode == 0, said[-500:]
    assert int(count) > 100


@pytest.mark.parametrize("evil", [r"(a+)+$", r"(x+x+)+y"])
def test_a_pattern_that_explodes_is_found(evil: str) -> None:
    process = start(f"t.try_all([('evil', t.re.compile({evil!r}), True)])")
    assert process.stderr is not None
    try:
        assert process.stderr.readline().strip().endswith(evil)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
    finally:
        process.kill()
        process.communicate()


def test_every_pattern_was_written_beforehand() -> None:
    """One that is put together while the bot runs would escape the test above; these are, of our own words alone."""
    made = {(path.relative_to(HOUSE).as_posix(), made) for path in sources() for made in made_later(path)}
    assert made == MADE_LATER


def made_later(path: Path) -> Iterator[str]:
    """The functions in which a pattern is made of something else than a text that stands there."""
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            calls = (one for one in ast.walk(function) if is_call_of_re(one))
            if any(not isinstance(one.args[0], ast.Constant) for one in calls):
                yield function.name


def is_call_of_re(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether this is ``re.something(pattern...)``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in WITH_PATTERN
    )


def written_inline() -> Iterator[Found]:
    """The patterns that are given to re's functions as text, wherever that is."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if is_call_of_re(node) and isinstance(node.args[0], ast.Constant):
                anywhere = node.func.attr not in ("compile", "match", "fullmatch")  # type: ignore[attr-defined] # is_call_of_re looked
                yield path.name, re.compile(node.args[0].value), anywhere

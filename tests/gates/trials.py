"""What is new or changed in how spending is judged stands behind a flag, or has graduated with a decision log."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from tests.gates.decision_logs import DECIDING, code_of

FOLDERS = (
    "engine/scoring",
    "engine/baselines",
    "engine/cloudtrail",
    *(f"engine/{name}.py" for name in DECIDING),
)
_THRESHOLDS = "engine/scoring/thresholds.py"
_WORDS = frozenset({"engine/scoring/sentences.py"})
_REGISTRY = "engine/cloudtrail/registry.py"
Tree = Mapping[str, str]


def judges(tree: Tree) -> dict[str, str]:
    """Everything live that judges, by name -> what it does, as text that comments and layout do not change.

    Scoring algorithms and baseline models are modules, thresholds are constants, channels of novelty keys of their
    weights, and parsers those modules of a service that the registry lists. A parser that only stands in ``ON_TRIAL``
    is not live.
    """
    found: dict[str, str] = {}
    for path, text in tree.items():
        module = PurePosixPath(path).stem
        if path == _THRESHOLDS:
            found |= _thresholds(text)
        elif path.startswith("engine/cloudtrail/"):
            found |= {f"parser {module}": code_of(text)} if _is_listed(module, tree.get(_REGISTRY, "")) else {}
        elif module != "__init__" and path not in _WORDS:
            kind = "baseline" if path.startswith("engine/baselines/") else "algorithm"
            found[f"{kind} {module}"] = code_of(text)
    return found


def ungraduated(
    before: Tree, now: Tree, *, covered_before: Iterable[str], covered: Iterable[str], graduated: Iterable[str]
) -> list[str]:
    """Name what is new, changed, or no longer behind its flag, and neither behind one nor named as graduated.

    ``covered`` names what flags of the file stand before, ``graduated`` what the decision logs that are new say.
    """
    then = {name: what for name, what in judges(before).items() if name not in set(covered_before)}
    excused = {*covered, *graduated}
    return sorted(name for name, what in judges(now).items() if then.get(name) != what and name not in excused)


def unknown(names: Iterable[str], tree: Tree) -> list[str]:
    """Those names that nothing has that judges."""
    return sorted(set(names) - judges(tree).keys())


def _thresholds(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            found |= _values(f"threshold {name}", node.value)
    return found


def _values(name: str, value: ast.expr) -> dict[str, str]:
    """One threshold; of a table each row, which is a channel with its weight."""
    if not isinstance(value, ast.Dict):
        return {name: ast.unparse(value)}
    rows = zip(value.keys, value.values, strict=True)
    return {f"{name} {ast.literal_eval(key)}": ast.unparse(one) for key, one in rows if key is not None}


def _is_listed(module: str, registry: str) -> bool:
    """Whether the registry takes parsers from a module."""
    return f"**{module}.PARSERS" in registry

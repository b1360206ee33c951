"""What is new or changed in how spending is judged stands behind a flag, or has graduated with a decision log."""

import json
from typing import Any

import pytest

from clients.flags import FlagRow, load_flags, parse_flags
from engine.cloudtrail.registry import REGISTRY
from engine.scoring import thresholds
from scripts.before_after import compare
from tests.gates.decision_logs import new_logs
from tests.gates.history import bases_or_skip, text_at, tree_at, tree_now
from tests.gates.trials import FOLDERS, judges, ungraduated, unknown

CREEP, GAUGES = "engine/scoring/creep.py", "engine/baselines/gauges.py"
THRESHOLDS, REGISTERED = "engine/scoring/thresholds.py", "engine/cloudtrail/registry.py"
RDS, RDS_2 = "engine/cloudtrail/rds.py", "engine/cloudtrail/rds_2.py"
TREE = {
    CREEP: "def creep(): return 1\n",
    GAUGES: "RATE = 1\n",
    THRESHOLDS: 'ANOMALOUS = 1.0\nNOVELTY_WEIGHTS = {"type": 0.35, "actor": 0.35}\n',
    REGISTERED: "REGISTRY = {**rds.PARSERS}\n",
    RDS: "PARSERS = {('rds.amazonaws.com', 'CreateDBInstance'): 1}\n",
    "engine/cloudtrail/forms.py": "def count(): return 1\n",
}
CHANGES: dict[str, tuple[dict[str, str], list[str]]] = {
    "a changed algorithm": ({CREEP: "def creep(): return 2\n"}, ["algorithm creep"]),
    "a new algorithm": ({"engine/scoring/drift.py": "def drift(): return 1\n"}, ["algorithm drift"]),
    "a changed baseline": ({GAUGES: "RATE = 2\n"}, ["baseline gauges"]),
    "a new baseline": ({"engine/baselines/weeks.py": "RATE = 1\n"}, ["baseline weeks"]),
    "a changed threshold": ({THRESHOLDS: TREE[THRESHOLDS].replace("1.0", "1.1")}, ["threshold ANOMALOUS"]),
    "a new threshold": ({THRESHOLDS: TREE[THRESHOLDS] + "OFTEN = 40\n"}, ["threshold OFTEN"]),
    "a new channel": (
        {THRESHOLDS: TREE[THRESHOLDS].replace("{", '{"hour": 0.1, ')},
        ["threshold NOVELTY_WEIGHTS hour"],
    ),
    "a changed channel": (
        {THRESHOLDS: TREE[THRESHOLDS].replace('"actor": 0.35', '"actor": 0.4')},
        ["threshold NOVELTY_WEIGHTS actor"],
    ),
    "a changed parser": ({RDS: TREE[RDS].replace("1}", "2}")}, ["parser rds"]),
    "a new parser": ({RDS_2: TREE[RDS], REGISTERED: "REGISTRY = {**rds.PARSERS, **rds_2.PARSERS}\n"}, ["parser rds_2"]),
    "a rule of deciding": ({"engine/governance.py": "def decide(): return 1\n"}, ["algorithm governance"]),
    "who the safety net catches": (
        {"engine/pipeline.py": "def is_caught(): return False\n"},
        ["algorithm pipeline"],
    ),
    "words": (
        {CREEP: '"""Said."""\n\n# A note.\ndef creep():\n    return 1\n', "engine/scoring/sentences.py": "A = 1\n"},
        [],
    ),
    "a parser on trial": ({RDS_2: TREE[RDS]}, []),
    "nothing": ({}, []),
}


def found(change: dict[str, str], **said: list[str]) -> list[str]:
    said = {"covered_before": [], "covered": [], "graduated": [], **said}
    return ungraduated(TREE, {**TREE, **change}, **said)


@pytest.mark.parametrize(("change", "named"), CHANGES.values(), ids=CHANGES)
def test_what_changes_a_judgement_needs_a_flag_or_a_log(change: dict[str, str], named: list[str]) -> None:
    assert found(change) == named
    assert found(change, covered=named) == []
    assert found(change, graduated=named) == []
    assert found(change, graduated=["algorithm of another name"]) == named


def test_what_loses_its_flag_has_to_graduate_though_nothing_else_changes() -> None:
    assert found({}, covered_before=["algorithm creep"], covered=["algorithm creep"]) == []
    assert found({}, covered_before=["algorithm creep"]) == ["algorithm creep"]
    assert found({}, covered_before=["algorithm creep"], graduated=["algorithm creep"]) == []


def test_the_inventory_knows_what_there_is() -> None:
    known = judges(dict(tree_now(*FOLDERS)))
    assert {"algorithm creep", "algorithm burst", "algorithm grouping", "baseline gauges", "parser rds"} <= known.keys()
    channels = {f"threshold NOVELTY_WEIGHTS {name}" for name in thresholds.NOVELTY_WEIGHTS}
    plain = {
        f"threshold {name}" for name in vars(thresholds) if name.isupper() and not name.endswith(("WEIGHTS", "FACTORS"))
    }
    assert channels | plain <= known.keys()
    parsing = {parser.__module__.rpartition(".")[2] for parser in REGISTRY.values()}
    assert len(parsing) > 30
    listed = {name.removeprefix("parser ") for name in known if name.startswith("parser ")}
    assert len(listed) > 35


def test_what_changed_here_is_on_trial_or_has_graduated() -> None:
    now, flags = dict(tree_now(*FOLDERS)), load_flags()
    for base in bases_or_skip():
        faults = ungraduated(
            dict(tree_at(base, *FOLDERS)),
            now,
            covered_before=_covered(_flags_at(base)),
            covered=_covered(flags),
            graduated=[name for log in new_logs(base) for name in log.graduated],
        )
        assert faults == [], (
            f"new or changed against {base}: put each behind a flag and name it under `covers` in flags.json, or "
            "under `graduated` in a new decision log; docs/governance.md says how"
        )


def test_flags_stand_before_what_there_is() -> None:
    assert unknown(_covered(load_flags()), dict(tree_now(*FOLDERS))) == []
    assert unknown(["algorithm none"], TREE) == ["algorithm none"]


def test_with_every_flag_off_nothing_is_decided_otherwise() -> None:
    """What a flag is said to stand before changes nothing while it is off, as sample events show."""
    base, flags = bases_or_skip()[0], load_flags()
    then, now = judges(dict(tree_at(base, *FOLDERS))), judges(dict(tree_now(*FOLDERS)))
    known = set(_covered(_flags_at(base)))
    touched = [name for name in _covered(flags) if name not in known or then.get(name) != now.get(name)]
    if touched:
        changed = [row for row in compare(base) if row["before"] != row["after"]]
        assert changed == [], f"{', '.join(touched)}: said to stand behind a flag"


def _flags_at(base: str) -> tuple[FlagRow, ...]:
    text = text_at(base, "flags.json")
    return parse_flags(text.encode()) if text else ()


def _covered(rows: tuple[FlagRow, ...]) -> list[str]:
    return [name for row in rows for name in row.covers]


def test_a_flag_says_what_it_stands_before() -> None:
    row: dict[str, Any] = {"name": "x_y", "description": "d", "owner": "o", "created": "2026-03-10", "ttl_days": 1}
    (flag,) = parse_flags(json.dumps({"flags": [{**row, "covers": ["algorithm creep"]}]}).encode())
    assert _covered((flag,)) == ["algorithm creep"]

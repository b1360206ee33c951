"""Flags end, are known, and are read."""

from datetime import date, timedelta

import msgspec
import pytest
import yaml

from clients.flags import FlagRow, load_flags, parse_flags
from engine.flags import Flag
from tests.gates.flags import ROOT, code, commit_day, is_over, mismatched, redated, stuck
from tests.gates.history import bases_or_skip, text_at

CREATED = date(2026, 3, 10)
ROW = FlagRow(name="young_creep", description="d", owner="maria", created=CREATED, ttl_days=14, percent=100)


def test_no_flag_here_is_past_its_time_and_on_for_all() -> None:
    assert stuck(load_flags(), commit_day()) == [], "let the rule graduate: a decision log, and no flag"


def test_the_flags_here_are_those_of_the_code() -> None:
    assert mismatched(load_flags(), Flag, code()) == []


def test_no_trial_here_was_made_longer() -> None:
    for base in bases_or_skip():
        before = text_at(base, "flags.json")
        assert redated(parse_flags(before.encode()) if before else (), load_flags(), commit_day()) == []


def test_a_trial_that_is_made_longer_is_refused() -> None:
    later = msgspec.structs.replace(ROW, created=CREATED + timedelta(days=1))
    assert redated([ROW], [ROW], CREATED) == []
    assert redated([], [later], CREATED) == []
    assert redated([ROW], [later], CREATED + timedelta(days=9)) == ["young_creep"]
    assert redated([], [msgspec.structs.replace(ROW, created=CREATED + timedelta(days=2))], CREATED) == ["young_creep"]


@pytest.mark.parametrize(("days", "percent", "found"), [(13, 100, []), (14, 100, ["young_creep"]), (14, 99, [])])
def test_a_flag_past_its_time_is_refused_while_it_is_on_for_all(days: int, percent: int, found: list[str]) -> None:
    row = msgspec.structs.replace(ROW, percent=percent)
    assert stuck([row], CREATED + timedelta(days=days)) == found
    assert is_over(row, CREATED + timedelta(days=days)) is (days == 14)


def test_a_flag_that_the_file_lacks_is_refused() -> None:
    assert mismatched([], Flag, "Flag.YOUNG_CREEP") == [
        "engine/flags.py names young_creep, which flags.json does not have"
    ]


def test_a_flag_that_nobody_reads_is_refused() -> None:
    assert mismatched([ROW], Flag, "") == ["flags.json has young_creep, which no code reads"]
    other = msgspec.structs.replace(ROW, name="other")
    assert mismatched([ROW, other], Flag, "Flag.YOUNG_CREEP") == ["flags.json has other, which no code reads"]


def test_a_flag_that_is_none_is_refused() -> None:
    assert mismatched([ROW], Flag, "Flag.YOUNG_CREEP Flag.OLD") == ["code reads Flag.OLD, which is none"]


def test_a_workflow_looks_at_the_clock_every_day() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "flags.yml").read_text())
    assert workflow[True]["schedule"]  # YAML reads the key `on` as true.
    steps = [step.get("run", "") for step in workflow["jobs"]["flags"]["steps"]]
    assert any("tests.gates.flags" in step for step in steps)

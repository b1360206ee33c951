"""The operator's policy in a file: read strictly, read again when it changed, and never lost to a mistake."""

import contextlib
import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from msgspec import to_builtins

from clients.policy_file import PolicyFile, parse_policy
from engine.errors import InvalidSetting
from engine.models.account import GovernanceMode
from engine.models.policy import NO_POLICY, Policy

ACCOUNT, OTHER = "123456789012", "210987654321"
STRICT: dict[str, Any] = {"accounts": {ACCOUNT: {"governance_mode": "strict"}}}


class Ticks:
    """A monotonic clock that is turned by hand, in seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def write(path: Path, content: object, at: int) -> None:
    """Write as an editor would, at a time of its own: two writes may fall into one tick of a file system's clock."""
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    os.utime(path, (at, at))


def test_modes_are_for_all_accounts_and_for_each() -> None:
    policy = parse_policy(
        json.dumps({"governance_mode": "strict", "accounts": {OTHER: {"governance_mode": "audit"}}}).encode()
    )
    assert (policy.makes_strict(ACCOUNT), policy.makes_strict(OTHER)) == (True, False)
    assert parse_policy(b"{}") == NO_POLICY


def test_a_policy_only_restricts() -> None:
    policy = parse_policy(json.dumps(STRICT).encode())
    modes = [policy.mode_of(who, own) for who in (ACCOUNT, OTHER) for own in GovernanceMode]
    assert modes == [GovernanceMode.STRICT, GovernanceMode.STRICT, GovernanceMode.STRICT, GovernanceMode.AUDIT]


def test_panic_mode_says_who_wants_it_and_why() -> None:
    policy = parse_policy(b'{"panic_mode": true, "panic_by": "Ann", "panic_reason": "prices are wrong"}')
    assert (policy.panic_mode, policy.panic_by, policy.panic_reason) == (True, "Ann", "prices are wrong")
    assert policy.makes_strict(ACCOUNT) is False


@pytest.mark.parametrize(
    "content",
    [
        {"panic_mode": "yes"},
        {"panic_mode": True, "panic_reason": "x" * 301},
        {"mode": "strict"},
        {"governance_mode": "loud"},
        {"governance_mode": True},
        {"accounts": [ACCOUNT]},
        {"accounts": {"12345": {"governance_mode": "strict"}}},
        {"accounts": {ACCOUNT + "\n": {"governance_mode": "strict"}}},
        {"accounts": {ACCOUNT: "strict"}},
        {"accounts": {ACCOUNT: {}}},
        {"accounts": {ACCOUNT: {"governance_mode": "strict", "panic": 1}}},
    ],
)
def test_what_is_not_understood_is_refused_with_what_to_write(content: object) -> None:
    with pytest.raises(InvalidSetting, match=r"policy\.json cannot be read: .*account ids of 12 digits"):
        parse_policy(json.dumps(content).encode())


@given(st.binary() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode))
def test_what_is_no_object_gives_a_clear_error(text: bytes) -> None:
    assume(not text.strip().startswith(b"{"))
    with pytest.raises(InvalidSetting, match=r"policy\.json"):
        parse_policy(text)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["strict", "audit", ACCOUNT]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([ACCOUNT, "governance_mode"]), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.text() | st.sampled_from(Policy.__struct_fields__), ANYTHING))
@example({})
@example(STRICT)
def test_an_object_is_read_as_it_is_or_refused(content: dict[str, Any]) -> None:
    with contextlib.suppress(InvalidSetting):
        policy = parse_policy(json.dumps(content).encode())
        rows = {key: {"governance_mode": mode} for key, mode in policy.accounts.items()}
        written = {"governance_mode": "audit", "accounts": {}, "panic_mode": False, "panic_by": "", "panic_reason": ""}
        assert to_builtins(policy) | {"accounts": rows} == written | content


def test_a_change_of_neither_size_nor_time_is_seen_as_another_file(tmp_path: Path) -> None:
    """As whoever copies with the time kept brings it; what is written in place has a time of its own."""
    path, ticks = tmp_path / "policy.json", Ticks()
    write(path, {"accounts": {OTHER: {"governance_mode": "strict"}}}, at=1)
    file = PolicyFile(path, ticks)
    write(tmp_path / "new.json", STRICT, at=1)
    (tmp_path / "new.json").replace(path)
    ticks.now = 2.0
    assert (file.current().makes_strict(ACCOUNT), file.current().makes_strict(OTHER)) == (True, False)
    write(path, {"accounts": {OTHER: {"governance_mode": "strict"}}}, at=2)
    ticks.now = 4.0
    assert (file.current().makes_strict(ACCOUNT), file.current().makes_strict(OTHER)) == (False, True)


def test_a_change_holds_within_two_seconds_and_the_file_is_not_looked_at_before(tmp_path: Path) -> None:
    path, ticks = tmp_path / "policy.json", Ticks()
    write(path, {}, at=1)
    file = PolicyFile(path, ticks)
    write(path, STRICT, at=2)
    ticks.now = 1.9
    assert not file.current().makes_strict(ACCOUNT)
    ticks.now = 2.0
    assert file.current().makes_strict(ACCOUNT)


@pytest.mark.parametrize("broken", ["{", json.dumps({"accounts": {"1": {}}}), " " * (2 << 20), None])
def test_a_mistake_leaves_what_held_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str | None
) -> None:
    path, ticks = tmp_path / "policy.json", Ticks()
    write(path, STRICT, at=1)
    file = PolicyFile(path, ticks)
    path.unlink() if broken is None else write(path, broken, at=2)
    for ticks.now in (2.0, 4.0, 6.0):
        assert file.current().makes_strict(ACCOUNT)
    [told] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert told.getMessage().startswith("The policy stays as it was. ")
    write(path, {}, at=3)
    ticks.now = 8.0
    assert file.current() == NO_POLICY


@pytest.mark.parametrize("name", ["missing.json", ".", "a\0b"])
def test_a_bot_does_not_start_without_the_policy_it_was_given(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidSetting, match="Write the file, or unset DD0C_POLICY"):
        PolicyFile(tmp_path / name, Ticks())

"""Rules on trial, as the file on this machine and the environment say."""

import json
import socket
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clients.flags import LocalFlags, load_flags, parse_flags, parse_overrides
from engine.errors import InvalidSetting
from engine.flags import Flag

ROW: dict[str, Any] = {
    "name": "young_creep",
    "description": "Tell creeps early.",
    "owner": "maria",
    "created": "2026-03-10",
    "ttl_days": 14,
    "default": False,
}


def written(*rows: dict[str, Any]) -> bytes:
    return json.dumps({"flags": rows}).encode()


def flags(overrides: str = "", **fields: Any) -> LocalFlags:
    return LocalFlags(parse_flags(written({**ROW, **fields})), parse_overrides(overrides))


def test_a_flag_is_off_unless_somebody_turns_it_on() -> None:
    assert flags().find_on("111122223333") == frozenset()
    assert flags(accounts=["111122223333"]).find_on("111122223333") == {Flag.YOUNG_CREEP}
    assert flags(accounts=["111122223333"]).find_on("999988887777") == frozenset()


def test_the_environment_has_the_last_word() -> None:
    assert flags("young_creep=on").find_on("1") == {Flag.YOUNG_CREEP}
    assert flags(" young_creep = off ,", percent=100).find_on("1") == frozenset()


def test_a_share_of_accounts_is_chosen_by_their_ids_and_stays() -> None:
    ids = [f"{number:012d}" for number in range(1000)]
    shares = {percent: flags(percent=percent) for percent in (0, 20, 50, 100)}
    none, fifth, half, whole = ({one for one in ids if share.find_on(one)} for share in shares.values())
    assert none == set()
    assert 150 < len(fifth) < 250
    assert fifth < half < whole == set(ids)
    assert fifth == {one for one in ids[:50] if flags(percent=20).find_on(one)} | {
        one for one in fifth if one > ids[49]
    }


def test_two_installations_in_one_process_do_not_mix() -> None:
    on, off = flags("young_creep=on"), flags()
    assert on.find_on("1") == {Flag.YOUNG_CREEP}
    assert off.find_on("1") == frozenset()


def test_nothing_is_asked_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("flags are evaluated on this machine")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert flags(percent=100).find_on("1") == {Flag.YOUNG_CREEP}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ttl_days": 15}, "ttl_days"),
        ({"ttl_days": 0}, "ttl_days"),
        ({"default": True}, "on by default"),
        ({"owner": ""}, "owner"),
        ({"created": "soon"}, "created"),
        ({"percent": 101}, "percent"),
        ({"color": "red"}, "color"),
        ({"name": "Young-Creep"}, "name"),
    ],
)
def test_a_file_that_breaks_the_rules_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidSetting, match=said):
        parse_flags(written({**ROW, **fields}))


@pytest.mark.parametrize("missing", ["owner", "created", "ttl_days", "description"])
def test_a_flag_without_its_particulars_is_refused(missing: str) -> None:
    with pytest.raises(InvalidSetting, match=missing):
        parse_flags(written({key: value for key, value in ROW.items() if key != missing}))


def test_a_flag_that_is_named_twice_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="twice: young_creep"):
        parse_flags(written(ROW, ROW))


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
@example(b'{"flags": [{"name": "\xff"}]}')
def test_any_other_file_gives_a_clear_error(text: bytes) -> None:
    with pytest.raises(InvalidSetting, match=r"flags\.json"):
        parse_flags(text)


@given(st.text())
def test_overrides_are_read_or_refused(text: str) -> None:
    try:
        found = parse_overrides(text)
    except InvalidSetting as error:
        assert "DD0C_FLAGS" in str(error)  # noqa: PT017 - most texts are refused, and some are not
    else:
        assert set(found) <= set(Flag)


def test_the_file_of_this_version_can_be_read() -> None:
    assert {row.name for row in load_flags()} == set(Flag)

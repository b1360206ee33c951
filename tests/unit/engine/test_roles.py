"""Who may do what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.models.account import Role, Tenant
from engine.roles import NEEDS, Deed, is_set, is_user_id, may, role_of, user_id_of


def tenant(installer: str = "U1", **roles: Role) -> Tenant:
    return Tenant(
        tenant_id="t", team_id="T", team_name="acme", alert_channel_id="C", installer_user_id=installer, roles=roles
    )


def test_every_deed_names_the_role_it_needs() -> None:
    assert set(NEEDS) == set(Deed)


@pytest.mark.parametrize("deed", Deed)
def test_an_admin_may_do_everything_and_a_viewer_only_look(deed: Deed) -> None:
    assert may(Role.ADMIN, deed)
    assert may(Role.VIEWER, deed) is (deed is Deed.LOOK)


def test_a_responder_answers_and_changes_nothing_of_the_installation() -> None:
    assert {deed for deed in Deed if not may(Role.RESPONDER, deed)} == {
        Deed.PAUSE,
        Deed.CHANGE_SETTINGS,
        Deed.CONNECT,
        Deed.DISCONNECT,
        Deed.SET_ROLES,
        Deed.MANAGE_PLAN,
    }


def test_what_an_admin_set_counts_more_than_what_slack_says() -> None:
    assert role_of(tenant(U2=Role.VIEWER), "U2", slack_admin=True) is Role.VIEWER
    assert is_set(tenant(U2=Role.VIEWER), "U2")
    assert not is_set(tenant(), "U2")


def test_the_installer_stays_admin() -> None:
    assert role_of(tenant(U1=Role.VIEWER), "U1") is Role.ADMIN


def test_where_no_admin_is_known_everybody_is_one() -> None:
    assert role_of(tenant(installer=""), "U2") is Role.ADMIN
    assert role_of(tenant(installer="", U3=Role.VIEWER), "U3") is Role.VIEWER
    assert role_of(tenant(installer="", U3=Role.ADMIN), "U2") is Role.RESPONDER


def test_nobody_is_not_the_installer() -> None:
    assert role_of(tenant(installer="", U3=Role.ADMIN), "") is Role.RESPONDER


@given(st.text(max_size=60))
def test_whatever_names_a_person_gives_an_id_or_nothing(word: str) -> None:
    found = user_id_of(word)
    assert not found or (is_user_id(found) and found in word)


@given(st.from_regex(r"[UW][A-Z0-9]{1,30}", fullmatch=True), st.text(alphabet=st.characters(exclude_characters=">")))
def test_slacks_own_way_to_name_a_person_is_understood(user_id: str, label: str) -> None:
    assert user_id_of(f"<@{user_id}|{label}>") == user_id
    assert user_id_of(f"<@{user_id}>") == user_id

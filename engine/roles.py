"""Who may do what: the one table, for Slack as for every other way in."""

import re
from collections.abc import Mapping
from enum import StrEnum

from engine.models.account import Role, Tenant

_USER_ID = re.compile(r"[UW][A-Z0-9]{1,30}")
_RANKS = (Role.VIEWER, Role.RESPONDER, Role.ADMIN)


class Deed(StrEnum):
    """What somebody may want to do."""

    LOOK = "look"
    ANSWER = "answer a card"
    DECLARE = "declare what is expected"
    END_QUIET = "end what is silent"
    RESUME = "resume alerting"
    RETRY = "send again what did not get through"
    PAUSE = "pause alerting"
    CHANGE_SETTINGS = "change settings"
    CONNECT = "connect an AWS account"
    DISCONNECT = "disconnect an AWS account"
    SET_ROLES = "set roles"
    MANAGE_PLAN = "see and change the plan"


NEEDS: Mapping[Deed, Role] = {
    Deed.LOOK: Role.VIEWER,
    Deed.ANSWER: Role.RESPONDER,
    Deed.DECLARE: Role.RESPONDER,
    Deed.END_QUIET: Role.RESPONDER,
    Deed.RESUME: Role.RESPONDER,
    Deed.RETRY: Role.RESPONDER,
    Deed.PAUSE: Role.ADMIN,
    Deed.CHANGE_SETTINGS: Role.ADMIN,
    Deed.CONNECT: Role.ADMIN,
    Deed.DISCONNECT: Role.ADMIN,
    Deed.SET_ROLES: Role.ADMIN,
    Deed.MANAGE_PLAN: Role.ADMIN,
}


def may(role: Role, deed: Deed) -> bool:
    """Whether this role suffices.

    >>> may(Role.RESPONDER, Deed.ANSWER), may(Role.RESPONDER, Deed.PAUSE)
    (True, False)
    """
    return _RANKS.index(role) >= _RANKS.index(NEEDS[deed])


def is_set(tenant: Tenant, user_id: str) -> bool:
    """Whether this user's role needs no asking: the installer's is fixed, and what an admin gave counts."""
    return user_id in tenant.roles or user_id == tenant.installer_user_id or not has_admin(tenant)


def role_of(tenant: Tenant, user_id: str, *, slack_admin: bool = False) -> Role:
    """The role of a user of the tenant's workspace.

    Who installed the app is admin, whatever was set; then counts what an admin set; Slack's own admins are admins, all
    others responders. Where no admin is known at all, everybody is one, so that nobody is locked out.

    >>> tenant = Tenant(tenant_id="t", team_id="T", team_name="a", alert_channel_id="C", installer_user_id="U1")
    >>> role_of(tenant, "U1").value, role_of(tenant, "U2").value, role_of(tenant, "U2", slack_admin=True).value
    ('admin', 'responder', 'admin')
    """
    if user_id and user_id == tenant.installer_user_id:
        return Role.ADMIN
    if user_id in tenant.roles:
        return tenant.roles[user_id]
    return Role.ADMIN if slack_admin or not has_admin(tenant) else Role.RESPONDER


def has_admin(tenant: Tenant) -> bool:
    """Whether anybody is known as admin."""
    return bool(tenant.installer_user_id) or Role.ADMIN in tenant.roles.values()


def is_user_id(text: str) -> bool:
    """Whether this is written like the id of somebody in Slack.

    >>> is_user_id("U012AB"), is_user_id("bob")
    (True, False)
    """
    return _USER_ID.fullmatch(text) is not None


def user_id_of(word: str) -> str:
    """The id in a word with which a person names another; empty where it names none.

    >>> user_id_of("<@U012AB|bob>"), user_id_of("U012AB"), user_id_of("@bob")
    ('U012AB', 'U012AB', '')
    """
    inner = word[2:-1].partition("|")[0] if word.startswith("<@") and word.endswith(">") else word
    return inner if is_user_id(inner) else ""

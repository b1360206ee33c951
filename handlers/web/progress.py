"""How far connecting an AWS account is, in words."""

from datetime import datetime

import msgspec
from markupsafe import Markup, escape

from blocks.text import count, duration
from engine.models.account import AccountStatus, AwsAccount
from engine.models.connection import ProblemKind, RoleProblem
from engine.models.report import AccountHealth

_NOT_THERE = "The role is not there yet. This page looks again by itself."
_STANDING = {
    AccountStatus.PENDING: "waiting for its role",
    AccountStatus.LEARNING: "reading its history",
    AccountStatus.ACTIVE: "watched",
    AccountStatus.DENIED: "AWS does not let us in",
    AccountStatus.DISCONNECTING: "its data is being deleted",
}


class Progress(msgspec.Struct, frozen=True):
    """What there is to say; when ``done``, nothing more is to come."""

    said: str
    done: bool


def progress(health: AccountHealth, now: datetime) -> Progress:
    """Say what is watched and, while that goes on, how much of the history is read."""
    if health.is_paused:
        return Progress(
            "The plan does not cover this account, so it is not watched. Nothing of it is deleted.", done=True
        )
    if health.status not in (AccountStatus.LEARNING, AccountStatus.ACTIVE):
        return Progress(health.status_detail or "This account is not watched yet.", done=True)
    watching = f"Watching {count(health.regions_watched, 'Region')}, {_newest(health, now)}."
    if health.status is AccountStatus.ACTIVE:
        return Progress(watching, done=True)
    read = f"{health.regions_learned} of {count(health.regions_watched, 'Region')}"
    return Progress(f"{watching} Its last 90 days are being read: {read} so far.", done=False)


def _newest(health: AccountHealth, now: datetime) -> str:
    looked = health.role_check.last_record_time if health.role_check else None
    newest = max((one for one in (health.last_record_time, looked) if one is not None), default=None)
    if newest is None:
        return "no record yet"
    return f"last record {duration(max(0.0, (now - newest).total_seconds()))} ago"


def standing(account: AwsAccount) -> str:
    """Say in a few words where an account is."""
    return "not covered by the plan" if account.paused_at is not None else _STANDING[account.status]


def waiting(problem: RoleProblem) -> str:
    """Say why an account still waits; that nothing is there yet is no fault."""
    if problem.kind is ProblemKind.TRUST_REFUSED:
        return _NOT_THERE
    return f"{problem.text} {problem.hint}".replace("`", "")


def coded(text: str) -> Markup:
    """Give text for a page, with what stands between backticks set as code.

    >>> str(coded("say `a < b`, then go"))
    'say <code>a &lt; b</code>, then go'
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(one) if at % 2 else escape(one) for at, one in enumerate(parts)
    )

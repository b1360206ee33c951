"""The answer to ``/dd0c settings role``."""

from blocks.card import Card, context, header, paragraphs, section
from blocks.text import count, mention
from engine.models.account import Role
from engine.models.roles import RoleReport

_SHOWN = 60
_ORDER = (Role.ADMIN, Role.RESPONDER, Role.VIEWER)
_WHAT = (
    "Admins change settings, connect and disconnect accounts, pause alerting and set roles; responders answer cards; "
    "viewers look. Slack's own admins are admins where dd0c may read that, all others are responders."
)
_HOW = "`/dd0c settings role @somebody admin|responder|viewer` sets one."


def roles(report: RoleReport) -> Card:
    """Show who has which role, and what has just been changed.

    >>> roles(RoleReport(installer="U1", roles={"U2": Role.VIEWER}, changed="U2")).text
    '<@U2> is now viewer.'
    """
    said = f"{mention(report.changed)} is now {report.roles[report.changed].value}." if report.changed else ""
    lines = _lines(report)
    if not lines:
        lines = ["No admin is known, so everybody is one. Set the first with the line below."]
    rest = [f"_and {count(len(lines) - _SHOWN, 'more person', 'more people')}_"] if len(lines) > _SHOWN else []
    blocks = [header("Roles"), *([section("changed", said)] if said else [])]
    blocks += [*paragraphs("roles", [*lines[:_SHOWN], *rest]), context("how", [_WHAT, _HOW])]
    return Card(said or "Roles", blocks)


def _lines(report: RoleReport) -> list[str]:
    installer = [f"*admin* {mention(report.installer)}, who installed dd0c"] if report.installer else []
    given = sorted(report.roles.items(), key=lambda one: (_ORDER.index(one[1]), one[0]))
    return [*installer, *(f"*{role.value}* {mention(who)}" for who, role in given if who != report.installer)]

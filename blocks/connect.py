"""The answers to ``/dd0c connect``: what to set up in AWS, what is wrong with it, and that it works."""

import re
from collections.abc import Sequence

from blocks.anomaly_words import account
from blocks.card import Block, Card, code_block, context, fitting, header, paragraphs, section, shorten
from blocks.command_buttons import buttons, command_button
from blocks.text import code, count, duration, escape, length
from engine.models.connection import (
    AccountConnected,
    AccountSetup,
    ConnectOutcome,
    FeatureCheck,
    FeaturePolicy,
    ProblemKind,
    RoleCheck,
    RoleProblem,
    RoleRefused,
)

MANUAL = "manual"

_CODE_LINE = 2900
_POLICY_LIMIT = 5400
# Any printable ASCII but <, >, | and spaces; Slack counts an address as text.
_LINK = re.compile(r"https://[!-;=?-{}~]{1,2000}")
_ARN_LIMIT = 1500
_PROBLEMS_SHOWN = 8
_PROBLEM_LIMIT = 600  # Eight of them, each with a hint as long, must leave room for the rest.
_LEFT_OUT_ROOM = 2500
_WHY = "The external ID keeps anybody else from having us read your account."
_INTRO = "We read its CloudTrail through a role you create; it can change nothing."


def setup(report: AccountSetup, *, by_hand: bool) -> Card:
    """Show what is to be done in AWS: the quick way where there is one, or all documents to do it by hand."""
    if by_hand or not _LINK.fullmatch(report.quick_create_url):
        return _by_hand(report)
    return _quick(report)


def _quick(report: AccountSetup) -> Card:
    link = report.quick_create_url.replace("&", "&amp;")
    steps = (
        f"*1. <{link}|Open CloudFormation>* in the account, where everything is filled in, and press *Create stack*.\n"
        "*2.* When the stack is complete, after about a minute, press the button below."
    )
    ready = [
        *_try("ready", "The stack is complete", report.role_arn),
        command_button("manual", "Do it by hand", f"connect {escape(report.account_id, 20)} {MANUAL}"),
    ]
    title = f"Connect the AWS account {escape(report.account_id, 20)}"
    return Card(
        f"{title} in 2 steps",
        [
            header(title),
            section("about", _INTRO),
            section("steps", steps),
            *buttons("ready", ready),
            context("why", [f"External ID: {code(report.external_id)}. {_WHY}"]),
        ],
    )


def _by_hand(report: AccountSetup) -> Card:
    facts = f"External ID: {code(report.external_id)}\nOur principal: {code(report.principal_arn)}"
    next_step = f"*3. Say the ARN of that role*\n{code(f'/dd0c connect {report.role_arn}', 500)}"
    title = f"Connect the AWS account {escape(report.account_id, 20)}"
    return Card(
        f"{title} in 3 steps",
        [
            header(title),
            section("facts", f"{_INTRO}\n{facts}"),
            *_policy(
                "trust", f"1. Create a role {escape(report.role_name, 100)} with this trust policy", report.trust_policy
            ),
            *_policies(report.policies),
            section("next", next_step),
            *buttons("ready", _try("ready", "The role is there", report.role_arn)),
            context("why", [_WHY]),
        ],
    )


def _try(name: str, label: str, role_arn: str) -> list[Block]:
    """A button that proves the role; no button for a name that no role of AWS has."""
    return [command_button(name, label, f"connect {role_arn}")] if length(role_arn) <= _ARN_LIMIT else []


def _policies(policies: Sequence[FeaturePolicy]) -> list[Block]:
    blocks: list[Block] = []
    for one in policies:
        need = "leave it out if you don't want this" if one.optional else "always needed"
        title = f"2. Permission policy: {escape(one.about)} ({need})"
        blocks += _policy(one.feature.value, title, one.policy)
    return blocks


def _policy(block_id: str, title: str, policy: str) -> list[Block]:
    """Show a policy to be copied; one too long for a message is not shown in part, because half of it is wrong."""
    lines = [_policy_line(line) for line in policy.splitlines() if line.strip()]
    if not lines or length("\n".join(lines)) > _POLICY_LIMIT or any(length(line) > _CODE_LINE for line in lines):
        return [section(block_id, f"*{title}*\nIt is too long for a Slack message: take it from the documentation.")]
    pages = paragraphs(block_id, lines, _CODE_LINE)
    return [section(f"{block_id}:title", f"*{title}*"), *map(_as_code, pages)]


def _policy_line(line: str) -> str:
    """Return one line of a policy for a code block, with its indentation.

    >>> _policy_line('  "Effect": "Allow",')
    '  "Effect": "Allow",'
    """
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + escape(line.replace("`", "'"), 10 * _CODE_LINE)


def _as_code(page: Block) -> Block:
    return section(page["block_id"], code_block([page["text"]["text"]]))


def connected(report: ConnectOutcome) -> Card:
    """Show that the account is watched, or all that is wrong with its role."""
    return _refused(report) if isinstance(report, RoleRefused) else _done(report)


def _refused(report: RoleRefused) -> Card:
    text = f"AWS account {escape(report.account_id, 20)} is not connected yet"
    again = [
        *_try("again", "Try once more", report.role_arn),
        command_button(
            "manual", "Show what the role must look like", f"connect {escape(report.account_id, 20)} {MANUAL}"
        ),
    ]
    first = report.check.problems[0].text if report.check.problems else ""
    return Card(
        f"{text}. {escape(first, 500)}".strip(),
        [header(text), *_problems(report.check.problems), *buttons("again", again)],
    )


def _done(report: AccountConnected) -> Card:
    check = report.check
    first = f"Connected: {account(report.name, report.account_id)}. Watching {count(len(check.regions), 'Region')}"
    text = f"{first}, {_newest(check)}."
    learning = (
        f"The last {count(report.history_days, 'day')} are being read to learn what is normal here; the alert channel "
        "shows how far that is. Until then only very expensive launches alert."
    )
    blocks = [section("done", text), *_limits(check)]
    if report.learning:
        blocks.append(context("follow", [learning]))
    return Card(text, blocks)


def _newest(check: RoleCheck) -> str:
    """Tell how fresh CloudTrail's records are.

    >>> from datetime import UTC, datetime, timedelta
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> _newest(RoleCheck(checked_at=now, usable=True, last_record_time=now - timedelta(minutes=3)))
    'last record 3 min ago'
    """
    if check.last_record_time is None:
        return "no record yet"
    return f"last record {duration(max(0.0, (check.checked_at - check.last_record_time).total_seconds()))} ago"


def _limits(check: RoleCheck) -> list[Block]:
    """Name what works less than it could: permissions that were left out, and Regions that refuse."""
    regions = [one for one in check.problems if one.region]
    left_out = [_left_out(one) for one in check.features if not one.granted]
    lines = fitting([f"• {escape(one, 600)}" for one in left_out], _LEFT_OUT_ROOM)
    blocks = paragraphs("limits", [_PERMISSIONS, *lines]) if lines else []
    return [*blocks, *_problems(regions)]


_PERMISSIONS = "*Not allowed, so left out* (update the stack to have it)"


def _left_out(check: FeatureCheck) -> str:
    return f"{check.feature.value}: the role may not do {', '.join(check.missing)}"


def _problems(problems: Sequence[RoleProblem]) -> list[Block]:
    lines = [_problem(one) for one in problems]
    return paragraphs("problem", shorten(lines, _PROBLEMS_SHOWN, "problem")) if lines else []


def _problem(problem: RoleProblem) -> str:
    mark = ":no_entry:" if problem.kind is ProblemKind.TRUSTS_ANYONE else ":warning:"
    return f"{mark} {_shown(problem.text)}\n      {_shown(problem.hint)}"


def _shown(text: str) -> str:
    return escape(text, _PROBLEM_LIMIT)

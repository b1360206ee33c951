"""The answers to ``/dd0c connect``: what to set up in AWS, and that it worked."""

from blocks.anomaly_words import account
from blocks.card import Block, Card, code_block, context, header, paragraphs, section
from blocks.text import code, count, escape, length
from engine.models.report import ConnectDone, ConnectPending, ConnectReport

_CODE_LINE = 2900
_POLICY_LIMIT = 5400
_STEPS = 3


def connect(report: ConnectReport) -> Card:
    """Show what is left to do, or that the account is watched."""
    return _pending(report) if isinstance(report, ConnectPending) else _done(report)


def _pending(report: ConnectPending) -> Card:
    facts = f"External ID: {code(report.external_id)}\nOur principal: {code(report.principal_arn)}"
    next_step = f"*3. Say the ARN of that role*\n{code(report.next_command, 500)}"
    blocks = [
        header("Connect an AWS account"),
        section("facts", f"We read its CloudTrail through a role you create; it can change nothing.\n{facts}"),
        *_policy("trust", "1. Create a role with this trust policy", report.trust_policy),
        *_policy("permissions", "2. Give it this permission policy", report.permission_policy),
        section("next", next_step),
        context("why", ["The external ID keeps anybody else from having us read your account."]),
    ]
    return Card(f"Connect an AWS account in {_STEPS} steps", blocks)


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


def _done(report: ConnectDone) -> Card:
    text = (
        f"Connected: {account(report.name, report.account_id)}. Watching {count(report.regions_watched, 'Region')}; "
        f"the last {count(report.history_days, 'day')} are being read to learn what is normal here."
    )
    follow = "`/dd0c status` shows how far that is. Until then only very expensive launches alert."
    return Card(text, [section("done", text), context("follow", [follow])])

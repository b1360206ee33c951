"""``dd0c doctor``"""

import asyncio

import click

from bot.doctor import Finding, examine, is_healthy


@click.command()
def doctor() -> None:
    """Look at settings and all they lead to (MongoDB, Slack, Stripe, mail, AWS, access keys, queues, policy, archive).

    Says what is wrong and what to do about it.

    Ends with 1 when something is wrong. It changes nothing, but that missing indexes are created and that an object is
    written to the archive and deleted again.
    """
    findings = asyncio.run(examine())
    for finding in findings:
        click.echo(_line(finding))
    if not is_healthy(findings):
        raise SystemExit(1)


def _line(finding: Finding) -> str:
    """Describe a finding.

    >>> _line(Finding("Slack", True, "workspace acme (T1)"))
    'ok     Slack: workspace acme (T1)'
    """
    return f"{'ok' if finding.healthy else 'WRONG':<5}  {finding.name}: {finding.text}"

"""``dd0c doctor``"""

import asyncio

import click

from bot.doctor import Finding, examine, is_healthy


@click.command()
def doctor() -> None:
    """Look at the settings and at all they lead to, and say what is wrong and what to do about it.

    That is MongoDB and the secrets in it, Slack with its channel, scopes and clock, AWS and access keys, and, where
    set, queues, trails, archive, policy, flags, Stripe, mail, sign-in, traces and the customers' template.

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

"""The answers to ``/dd0c disconnect``: what it would delete, and that it has begun."""

from blocks.anomaly_words import account
from blocks.card import Card, context, section
from blocks.text import code
from engine.models.report import DisconnectAsked, DisconnectReport


def disconnect(report: DisconnectReport) -> Card:
    """Ask for the account id a second time, or say that it is done.

    >>> from engine.models.report import DisconnectBegun
    >>> disconnect(DisconnectBegun("111122223333", "111122223333")).text
    'Disconnected: 111122223333. Nothing is read from it any more, and its data is deleted within 72 hours.'
    """
    name = account(report.name, report.account_id)
    if isinstance(report, DisconnectAsked):
        return _asked(name, report.account_id)
    text = f"Disconnected: {name}. Nothing is read from it any more, and its data is deleted within 72 hours."
    follow = (
        "The role or access key in your AWS account is yours: delete it there. `/dd0c connect` starts anew once all is "
        "deleted."
    )
    return Card(text, [section("begun", text), context("follow", [follow])])


def _asked(name: str, account_id: str) -> Card:
    text = f"Disconnecting {name} deletes what was learned about it: its cost events, baseline, anomalies and verdicts."
    again = f"This cannot be undone. To do it, say the id twice: {code(f'/dd0c disconnect {account_id} {account_id}')}"
    return Card(text, [section("asked", text), section("again", again)])

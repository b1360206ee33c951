"""Status names what is wrong with log files and the archive, and says nothing when nothing is."""

import json
from datetime import UTC, datetime

from blocks.status import status
from engine.models.report import StatusReport
from tests.blocks.rules import problems


def report(*troubles: str) -> StatusReport:
    return StatusReport(accounts=(), file_troubles=troubles, as_of=datetime(2026, 1, 5, 10, tzinfo=UTC))


def test_troubles_are_shown_escaped_and_counted() -> None:
    card = status(report("Log files of account 1 cannot be read: <!channel>", *(["odd \n" * 500] * 5)))
    shown = json.dumps(card.blocks)
    assert "*Log files and archive*" in shown
    assert "&lt;!channel&gt;" in shown
    assert "<!channel>" not in shown
    assert "3 more" in shown
    assert problems(card) == []


def test_without_troubles_nothing_is_said() -> None:
    assert "Log files" not in json.dumps(status(report()).blocks)

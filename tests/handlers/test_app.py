"""How the Bolt app is built, and what its guard says in the log."""

import aiohttp
import pytest

from engine.errors import Unavailable
from handlers.slack.guard import answered
from tests.handlers.conftest import Office


async def test_a_token_in_the_environment_is_no_news(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
    office.app()
    assert caplog.records == []


@pytest.mark.parametrize("error", [aiohttp.ServerDisconnectedError(), TimeoutError(), ConnectionResetError()])
async def test_an_answer_that_nobody_takes_is_one_line(caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    async def respond(**_content: object) -> None:
        raise error

    async def work() -> None:
        raise Unavailable("MongoDB did not answer.")

    await answered(work(), respond, "/dd0c status")
    failed, unsent = caplog.records
    assert (failed.levelname, failed.exc_info) == ("WARNING", None)
    assert (unsent.levelname, unsent.exc_info) == ("WARNING", None)
    assert type(error).__name__ in unsent.getMessage()

"""What holds for every command: sharing, help, buttons that stand for a line, and the table of them all."""

import json
from typing import Any

import pytest

from blocks.command_buttons import RUN_COMMAND, buttons, command_button
from blocks.help import COMMANDS as HELP
from demo.slack_workspace.models import Message
from handlers.slack.commands.table import COMMANDS
from tests.handlers.conftest import Office


def words(answer: dict[str, Any]) -> str:
    return json.dumps([answer.get("text"), answer.get("blocks")], ensure_ascii=False)


def test_help_tells_of_every_command_and_no_other() -> None:
    assert list(HELP) == list(COMMANDS)


@pytest.mark.parametrize("word", COMMANDS)
async def test_help_on_each_command_has_an_example_that_is_understood(office: Office, word: str) -> None:
    answer = await office.type(f"/dd0c help {word.upper()}")
    assert f"`/dd0c {word}" in words(answer)
    assert f"For example `/dd0c {HELP[word].example}`" in words(answer)
    tried = await office.type(f"/dd0c {HELP[word].example}")
    assert "is not understood" not in words(tried)
    assert "error in dd0c" not in words(tried)


async def test_help_on_a_word_that_nobody_knows(office: Office) -> None:
    answer = await office.type("/dd0c help anomalis")
    assert "Did you mean `/dd0c anomalies`?" in words(answer)
    assert "/dd0c status" in words(answer)


async def test_an_answer_is_shared_when_that_is_asked(office: Office) -> None:
    answer = await office.type("/dd0c status --share")
    assert answer["response_type"] == "in_channel"
    assert "1 account" in office.slack.messages(office.channel)[-1].text
    refused = await office.type("/dd0c status --share --shar")
    assert refused["response_type"] == "ephemeral"
    assert "Did you mean `--share`?" in refused["text"]


async def test_an_error_is_not_shared_and_mentions_nobody(office: Office) -> None:
    answer = await office.type("/dd0c settings sensitivity low --account <!channel> --share")
    assert answer["response_type"] == "ephemeral"
    assert "<!channel>" not in words(answer)
    assert "&lt;!channel&gt;" in words(answer)


def _said_by_bot(office: Office, line: str) -> Message:
    """A message with a button for a line, as lists and the App Home have them."""
    office.slack.state.add_message(
        message := Message(
            office.channel,
            office.slack.state.next_ts(),
            office.slack.bot_user_id,
            "see",
            buttons("more", [command_button("more", "More", line)]),
        )
    )
    return message


@pytest.mark.parametrize(("line", "said"), [("status", "1 account"), ("staus", "Did you mean"), ('"', "never closed")])
async def test_a_button_does_what_its_line_does(office: Office, line: str, said: str) -> None:
    shown = _said_by_bot(office, line)
    pressed = await office.slack.click(office.bob.user_id, office.channel, shown.message_ts, f"{RUN_COMMAND}:more")
    assert pressed.ack.status == 200
    [answer] = await pressed.wait_for_posts()
    assert said in words(answer)
    assert answer["response_type"] == "ephemeral"
    assert not answer["replace_original"]

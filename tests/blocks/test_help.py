"""The answers to /dd0c help and to words nobody knows."""

import pytest
from hypothesis import given

from blocks.help import COMMANDS, help_card, unknown_command
from tests.blocks.reports import accepted
from tests.blocks.rules import reading
from tests.blocks.samples import LONG_NAMES, NAMES


def test_help_lists_every_command() -> None:
    text = reading(accepted(help_card()))
    assert all(f"`/dd0c {word}`" in text for word in COMMANDS)


@pytest.mark.parametrize(
    ("word", "meant"), [("statsu", "status"), ("ANOMALY", "anomalies"), ("digets", "digest"), ("hlep", "help")]
)
def test_an_unknown_word_points_to_the_nearest(word: str, meant: str) -> None:
    assert f"Did you mean `/dd0c {meant}`?" in accepted(unknown_command(word)).text


@given(word=NAMES | LONG_NAMES)
def test_any_unknown_word_gets_an_answer(word: str) -> None:
    assert "/dd0c" in accepted(unknown_command(word, ["status"])).text

"""What is said about the installation itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.card import Card
from blocks.welcome import CHOOSE_CHANNEL, first_line, invitation, lost_channel, taken_over, welcome
from tests.blocks.rules import problems

IDS = st.from_regex(r"[CGDU][A-Z0-9]{1,20}", fullmatch=True)


@given(st.one_of(st.just(""), IDS), IDS, st.text(max_size=300))
def test_slack_takes_them_whatever_is_in_them(channel_id: str, user_id: str, reason: str) -> None:
    for card in (welcome(channel_id), first_line(user_id), taken_over(user_id), invitation()):
        assert problems(card) == []
    assert problems(lost_channel(channel_id or "C1", reason)) == []


@pytest.mark.parametrize("card", [welcome(""), welcome("C1"), lost_channel("C1", "is_archived")])
def test_a_channel_can_be_chosen(card: Card) -> None:
    [select] = [block["accessory"] for block in card.blocks if "accessory" in block]
    assert (select["type"], select["action_id"]) == ("conversations_select", CHOOSE_CHANNEL)
    assert select.get("initial_conversation") == ("C1" if card == welcome("C1") else None)


def test_the_welcome_leads_to_the_first_account() -> None:
    assert "/dd0c connect 123456789012" in str(welcome("C1").blocks)
    assert "<#C1>" in str(welcome("C1").blocks)
    assert "come here, to you alone" in str(welcome("").blocks)


@pytest.mark.parametrize(("reason", "mends"), [("is_archived", "Unarchive it"), ("not_in_channel", "Say `/invite")])
def test_what_mends_a_lost_channel_fits_why_it_is_lost(reason: str, mends: str) -> None:
    assert mends in lost_channel("C1", reason).text
    assert ("Unarchive" in lost_channel("C1", reason).text) is (reason == "is_archived")


def test_names_from_outside_are_escaped() -> None:
    assert "<!channel>" not in str(lost_channel("C1", "<!channel>").blocks)

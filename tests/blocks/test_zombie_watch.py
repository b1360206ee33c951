"""Idle resources in the digest and in the App Home."""

from datetime import timedelta

import msgspec

from blocks.digest import digest
from blocks.home import home
from engine.models.report import DigestReport
from engine.models.zombie_watch import ZombieRow, ZombieWatch
from tests.blocks.reports import ROW, accepted
from tests.blocks.rules import reading
from tests.blocks.samples import START
from tests.blocks.test_home import VIEW, seen

LATER = START + timedelta(days=1)
NAT = ZombieRow(
    title="unused NAT gateway",
    resource_id="nat-1",
    account_name="prod",
    region="eu-west-1",
    monthly_cost=32.85,
    name="<!channel>",
)
WATCH = ZombieWatch(
    count=5,
    monthly_cost=131.4,
    unpriced=1,
    dearest=(NAT, NAT, msgspec.structs.replace(NAT, monthly_cost=None, name="")),
    saved_since=START,
    gone=2,
    saved_usd=16.0,
)


def test_a_digest_names_the_dearest_and_counts_the_rest() -> None:
    card = accepted(digest(DigestReport(since=START, until=LATER, rows=(ROW,), zombies=WATCH)))
    shown = reading(card)
    row = "• $32.85 a month: unused NAT gateway <!channel> `nat-1` in prod, eu-west-1"
    idle = "5 idle resources worth $131.40 a month, 1 of them without a known price."
    told = [
        f"*Zombie watch*: {idle} 2 went away since 04 Mar, which saves $16.00 a month.",
        row,
        row,
        "• price not known: unused NAT gateway `nat-1` in prod, eu-west-1",
        "_and 2 more: `/dd0c zombies`_",
    ]
    assert "\n".join(told) in shown
    assert "<!channel>" not in str(card.blocks)


def test_on_a_quiet_day_it_is_a_sentence() -> None:
    card = accepted(digest(DigestReport(since=START, until=LATER, zombies=WATCH)))
    assert len(card.blocks) == 1
    assert "Zombie watch: 5 idle resources worth $131.40 a month" in card.text


def test_where_nothing_was_looked_at_nothing_is_said() -> None:
    shown = reading(digest(DigestReport(since=START, until=LATER, rows=(ROW,))))
    assert "Zombie" not in shown


def test_a_home_says_what_they_are_worth() -> None:
    assert "Zombies: *5 idle resources worth $131.40 a month" in seen(
        home(msgspec.structs.replace(VIEW, zombies=WATCH))
    )
    assert "Zombies:" not in seen(home(VIEW))

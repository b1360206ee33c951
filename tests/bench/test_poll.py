"""The polling benchmark measures what it says, however small; how fast that is, is not judged here."""

import asyncio

import msgspec
import pytest
from click.testing import CliRunner

from bench.cli import bench
from bench.poll import command
from bench.poll.measure import measure
from bench.poll.plan import Plan

pytestmark = pytest.mark.integration
SMALL = Plan(
    accounts=4,
    poll_seconds=1.0,
    watch_seconds=4.0,
    launches=3,
    backlog_records=300,
    backlog_seconds=3600.0,
    latency_seconds=0.01,
    quiet_cycles=1,
)


@pytest.mark.usefixtures("mongod_binary")
def test_every_launch_makes_a_card_while_another_account_catches_up() -> None:
    figures = asyncio.run(measure(SMALL))
    assert (figures.accounts, figures.regions, len(figures.cycles)) == (4, 3, 1)
    assert figures.cards == figures.launches == 3
    assert figures.latency_p95 is not None
    assert 0 < figures.caught_up_records <= 300
    assert figures.peak_memory_mb > 0


@pytest.mark.usefixtures("mongod_binary")
def test_json_holds_every_figure_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "QUICK", SMALL)
    answer = CliRunner().invoke(bench, ["poll", "--quick", "--json"])
    assert answer.exit_code == 0, answer.output
    figures = msgspec.json.decode(answer.output.splitlines()[-1])
    assert figures["bench"] == "poll"
    assert {"cycles", "latency_p95", "caught_up_per_second", "peak_memory_mb", "cpu_share"} <= set(figures)

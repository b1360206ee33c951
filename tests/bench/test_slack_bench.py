"""The benchmark of acknowledgements measures what it says, however small; how fast that is, is not judged here."""

import msgspec
import pytest
from click.testing import CliRunner

from bench.cli import bench
from bench.slack.measure import BARE, BOT, BURST, STEADY, quantile


@pytest.mark.integration
@pytest.mark.usefixtures("mongod_binary")
def test_the_bot_and_the_bare_app_acknowledge_every_command() -> None:
    """It takes ten seconds, for it starts the whole bot and lets it learn an account's past."""
    answer = CliRunner().invoke(bench, ["slack", "--in-flight", "4", "--rounds", "1", "--json"])
    assert answer.exit_code == 0, answer.output
    told = msgspec.json.decode(answer.output.splitlines()[-1])
    assert (told["bench"], told["in_flight"]) == ("slack", 4)
    rows = {(row["app"], row["load"]): row for row in told["rows"]}
    assert set(rows) == {(app, load) for app in (BOT, BARE) for load in (BURST, STEADY)}
    for (app, load), row in rows.items():
        assert row["commands"] == (20 if load == BURST else 40)
        assert 0 < row["ack_p50_ms"] <= row["ack_p95_ms"] <= row["ack_p99_ms"] <= row["ack_max_ms"]
        assert (row["answer_p99_ms"] is None) == (app == BARE)


def test_quantiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(1, 201)]
    assert [quantile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [100.0, 190.0, 198.0, 200.0]
    assert quantile([7.0], 0.99) == 7.0

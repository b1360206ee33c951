"""The benchmark of pages, in small: every page is there, and none of them is an error."""

import json

import pytest
from click.testing import CliRunner

from bench.pages.command import pages


@pytest.mark.integration
def test_all_pages_are_measured(mongod_binary: str) -> None:
    assert mongod_binary
    ran = CliRunner().invoke(pages, ["--anomalies", "120", "--rounds", "1", "--json"])
    assert ran.exit_code == 0, ran.output
    answer = json.loads(ran.output.splitlines()[-1])
    assert {row["page"] for row in answer["pages"]} >= {"an empty page", "dashboard", "one anomaly", "settings"}
    assert all(0 < row["p50_ms"] <= row["p95_ms"] <= row["max_ms"] for row in answer["pages"])

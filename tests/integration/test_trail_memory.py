"""A log file of 200 MB takes neither memory nor time that grows with it out of hand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration import trail_memory

ROOT = Path(trail_memory.__file__).parents[2]


@pytest.mark.integration
def test_a_file_of_200_megabytes_is_read_in_bounded_memory_and_time(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.integration.trail_memory", str(tmp_path), "200"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["read"] == figures["records"] > 100_000
    assert figures["kept"] == -(-figures["records"] // trail_memory.COSTLY_EVERY)
    assert figures["archived"] == figures["read"] - figures["kept"]
    assert figures["grown_mb"] < 100
    assert figures["seconds"] < 90

"""Memory: the most a fresh process held while it replayed so many records, which it makes up as it goes."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from bench.speed.records import make_records
from bench.speed.ways import replay
from clients.prices import load_price_table

_STATUS = Path("/proc/self/status")
_BATCH = 200


def peak_megabytes(records: int) -> float:
    """Give the peak resident memory of a child process that replays so many records, in MiB."""
    command = [sys.executable, "-m", "bench.speed.memory", str(records)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own module
    return float(answer.stdout)


def _main(records: int) -> None:
    summary = replay(_stream(records), load_price_table())
    if summary.records_read != records:
        sys.exit(f"{summary.records_read} of {records} records were read")
    sys.stdout.write(f"{_high_water_mark()}\n")


def _stream(records: int) -> Iterator[bytes]:
    made = make_records(records)
    while batch := list(islice(made, _BATCH)):
        yield b"\n".join(batch) + b"\n"


def _high_water_mark() -> float:
    """MiB. What ``getrusage`` tells would count the parent's memory too, of which a child begins as a copy."""
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    _main(int(sys.argv[1]))

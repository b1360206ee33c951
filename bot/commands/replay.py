"""``dd0c replay``: score CloudTrail records from files, with no database, Slack or AWS."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from bot.replay_table import AnomalyTable
from bot.standard_output import standard_output
from clients.prices.packaged import load_price_table
from clients.record_files import RecordFile, find_records, size_of
from clients.record_sources import STANDARD_INPUT, RecordSource
from engine.cloudtrail.split import Malformed, read_records
from engine.flags import Flag, FlagSet
from engine.models.anomaly import Anomaly
from engine.models.cost_event import CostEvent
from services.replay import Finding, Replay
from services.replay_lines import Summary, anomaly_line, cost_event_line

_MOST_NAMED = 20
_MOST_PATHS = 3


class _Output(Protocol):
    """Where findings go."""

    def show(self, findings: Sequence[CostEvent | Anomaly]) -> None: ...

    def finish(self, summary: Summary) -> None: ...


class _JsonLines:
    """One JSON object a line, written as soon as it is known."""

    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder()
        self._out = sys.stdout.buffer

    def show(self, findings: Sequence[CostEvent | Anomaly]) -> None:
        lines = [cost_event_line(one) if isinstance(one, CostEvent) else anomaly_line(one) for one in findings]
        self._out.write(self._encoder.encode_lines(lines))

    def finish(self, summary: Summary) -> None:
        self._out.write(self._encoder.encode(summary) + b"\n")
        self._out.flush()


class _Troubles:
    """Names what is wrong with one file on standard error: the first pieces, how many more, and what ended it early."""

    def __init__(self, file: RecordFile) -> None:
        self._file = file
        self._count = 0

    def name(self, found: Malformed) -> None:
        self._count += 1
        if self._count <= _MOST_NAMED:
            click.echo(self._file.name_malformed(found), err=True)

    def finish(self) -> None:
        if self._count > _MOST_NAMED:
            click.echo(f"{self._file.name}: ... and {self._count - _MOST_NAMED:,} more of these", err=True)
        if self._file.problem:
            click.echo(f"{self._file.name}: {self._file.problem}", err=True)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=str)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "jsonl"]),
    default="table",
    show_default=True,
    help="A table of anomalies for people, or one JSON object a line for programs.",
)
@click.option(
    "--flag", "flags", type=click.Choice([flag.value for flag in Flag]), multiple=True, help="Try a rule too."
)
@click.option(
    "--endpoint-url",
    envvar="DD0C_ARCHIVE_ENDPOINT_URL",
    help="Where buckets are, if not at AWS; they must speak like S3.",
)
def replay(paths: Sequence[str], form: str, flags: Sequence[str], endpoint_url: str | None) -> None:
    """Score CloudTrail records from files, as an account nobody knows yet would be scored.

    PATH is a file, a folder that is read with all folders in it, s3://bucket/prefix (the archive, or a trail; read with
    your AWS credentials), or - for standard input. It may hold log files ({"Records": [...]}), JSON Lines, EventBridge
    envelopes and LookupEvents pages, also gzipped and mixed.
    """
    started = time.perf_counter()
    output: _Output = _JsonLines() if form == "jsonl" else AnomalyTable(Console())
    scoring, files = (
        Replay(load_price_table(), flags=FlagSet(on=frozenset(map(Flag, flags)))),
        find_records(paths, endpoint_url),
    )
    with standard_output():
        with _progress(files) as on_bytes:
            for source in files:
                _read_file(RecordFile(source, on_bytes), scoring, output)
            for findings in _grouped(scoring.finish()):
                output.show(findings)
        scoring.summary.seconds = round(time.perf_counter() - started, 3)
        output.finish(scoring.summary)
    if not scoring.summary.records_read:
        raise click.ClickException(
            f"No CloudTrail record could be read from {_named(paths)}. Give files as CloudTrail writes them (.json or "
            ".json.gz), JSON Lines, or the output of `aws cloudtrail lookup-events`."
        )


def _named(paths: Sequence[str]) -> str:
    """What was given, or the beginning of it."""
    names = ["standard input" if path == STANDARD_INPUT else path for path in paths[:_MOST_PATHS]]
    left_out = len(paths) - len(names)
    return ", ".join(names) + (f" and {left_out:,} more" if left_out else "")


def _read_file(file: RecordFile, scoring: Replay, output: _Output) -> None:
    """Read one file to its end; whatever is wrong with it is named and counted, and stops nothing."""
    troubles = _Troubles(file)
    for found in read_records(file.chunks()):
        findings = []
        for finding in scoring.read(found):
            if isinstance(finding, Malformed):
                troubles.name(finding)
            else:
                findings.append(finding)
        if findings:
            output.show(findings)
    if file.problem:
        scoring.summary.records_malformed += 1
    troubles.finish()


def _grouped(findings: Iterable[Finding], size: int = 500) -> Iterator[list[CostEvent | Anomaly]]:
    group: list[CostEvent | Anomaly] = []
    for finding in findings:
        if not isinstance(finding, Malformed):
            group.append(finding)
        if len(group) >= size:
            yield group
            group = []
    yield group


@contextmanager
def _progress(files: Sequence[RecordSource]) -> Iterator[Callable[[int], None]]:
    """Show the bytes read on standard error while a person is looking there and nothing else is written there."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=size_of(files))
        yield lambda count: progress.advance(task, count)

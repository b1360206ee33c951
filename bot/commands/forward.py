"""``dd0c forward``"""

import asyncio
import gzip
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from random import SystemRandom

import aiohttp
import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from bot.settings import load_forward_settings
from clients.forwarder import Forwarder
from clients.record_files import RecordFile, find_records, size_of
from clients.record_sources import RecordSource
from engine.cloudtrail.split import Malformed, split_records
from engine.errors import InvalidSetting, Unavailable
from services.receiving import on_one_line

_BATCH_BYTES = 4 * 2**20
_MOST_NAMED = 20
_TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=str)
@click.option("--url", default="", help="Address of the bot; else DD0C_URL.")
def forward(paths: Sequence[str], url: str) -> None:
    """Send CloudTrail records from files to a bot, with the API key in DD0C_API_KEY.

    PATH is a file, a folder that is read with all folders in it, s3://bucket/prefix, or - for standard input, in any
    form that `dd0c replay` reads. Exit status: 0 when all was sent, 1 when something could not be read or was refused,
    75 when the bot did not answer for minutes. Run the same command again then: a record sent twice counts once.
    """
    settings = load_forward_settings()
    address, key = url or settings.url, settings.api_key
    if not address.startswith(("https://", "http://")) or key is None:
        raise InvalidSetting("Say where the bot is with --url or DD0C_URL, and give its API key in DD0C_API_KEY.")
    sending = _Sending()
    try:
        asyncio.run(sending.run(find_records(paths), address, key.get_secret_value()))
    except Unavailable as error:
        click.echo(f"{error} Sent before that: {sending.summary()}. Run the same command again.", err=True)
        sys.exit(_TRY_AGAIN)
    click.echo(sending.summary(), err=True)
    if sending.troubles or not sending.sent:
        sys.exit(1)


class _Sending:
    """One run: what was sent, and what was wrong."""

    def __init__(self) -> None:
        self.sent = 0
        self.kept = 0
        self.troubles = 0

    def summary(self) -> str:
        return f"{self.sent:,} records sent, {self.kept:,} of them bear cost; {self.troubles:,} troubles"

    async def run(self, files: Sequence[RecordSource], url: str, key: str) -> None:
        async with aiohttp.ClientSession() as session:
            forwarder = Forwarder(session, url, key, sleep=asyncio.sleep, random=SystemRandom().random)
            with _progress(files) as on_bytes:
                for records in _batches(self._records(files, on_bytes)):
                    counts = await forwarder.send(gzip.compress(b"\n".join(records), compresslevel=6, mtime=0))
                    self.sent += len(records)
                    self.kept += counts.kept
                    if counts.unknown_accounts:
                        self._name(f"not connected, so skipped: {', '.join(counts.unknown_accounts)}")
                    for problem in counts.problems:
                        self._name(f"the bot could not use a record: {problem}")

    def _records(self, files: Sequence[RecordSource], on_bytes: Callable[[int], None]) -> Iterator[bytes]:
        for source in files:
            file = RecordFile(source, on_bytes)
            for found in split_records(file.chunks()):
                if isinstance(found, Malformed):
                    self._name(file.name_malformed(found))
                else:
                    yield on_one_line(found)
            if file.problem:
                self._name(f"{file.name}: {file.problem}")

    def _name(self, trouble: str) -> None:
        self.troubles += 1
        if self.troubles <= _MOST_NAMED:
            click.echo(trouble, err=True)


def _batches(records: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@contextmanager
def _progress(files: Sequence[RecordSource]) -> Iterator[Callable[[int], None]]:
    """Show the bytes read while a person is looking."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn("sending"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("sending", total=size_of(files))
        yield lambda count: progress.advance(task, count)

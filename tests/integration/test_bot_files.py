"""The bot as a process, on log files instead of LookupEvents, with an archive."""

import asyncio
import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from demo.aws_account import world as aws_world
from demo.aws_account.records import Record
from demo.stage import Stage, text_of
from tests.integration.books import Plot, open_books
from tests.integration.bot_process import DD0C, BotProcess, basic_environment, connect, refused
from tests.integration.test_bot_start import COMPLETE

pytestmark = pytest.mark.integration


def deliver(trail: Path, records: Sequence[Record]) -> None:
    """Put a log file where CloudTrail would put it now."""
    now, account, region = datetime.now(UTC), aws_world.ACCOUNT_ID, "us-east-1"
    folder = trail / f"AWSLogs/{account}/CloudTrail/{region}/{now:%Y/%m/%d}"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{account}_CloudTrail_{region}_{now:%Y%m%dT%H%MZ}_{uuid4().hex}.json.gz"
    part = folder / "part"
    part.write_bytes(gzip.compress(json.dumps({"Records": list(records)}).encode()))
    part.rename(folder / name)


async def replayed(archive: Path, folder: Path) -> list[dict[str, object]]:
    """What ``dd0c replay`` says of an archive."""
    process = await asyncio.create_subprocess_exec(
        DD0C, "replay", archive, "--format", "jsonl", env=basic_environment(folder), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return [json.loads(line) for line in output.splitlines()]


async def test_files_of_a_trail_make_cards_once_whatever_else_brings_them(tmp_path: Path, mongod_uri: str) -> None:
    plot, name = Plot(), f"test-{uuid4().hex}"
    trail, archive = tmp_path / "trail", tmp_path / "archive"
    (trail / "AWSLogs").mkdir(parents=True)
    places = {"DD0C_TRAIL_URLS": trail.as_uri(), "DD0C_ARCHIVE_URL": archive.as_uri()}
    async with open_books(mongod_uri, name) as books, Stage(with_bot=False, clock=plot.clock) as stage:
        bot = BotProcess(stage, tmp_path / "bot", MONGODB_URI=mongod_uri, DD0C_DATABASE=name, **places)
        async with bot:
            await connect(stage)
            await books.until_watched()
            deliver(trail, plot.stolen)
            await books.until_read(plot.stolen)
            await books.until_settled()
            await bot.kill()
            await books.let_time_pass()
            deliver(trail, [*plot.stolen, *plot.slip])
            await bot.start()
            stage.happen(plot.stolen)
            stage.happen(plot.slip)
            await books.until_read(plot.slip)
            deliver(trail, plot.stop)
            await books.until_read(plot.stop)
            await books.until_settled()
            cards = [text_of(card) for card in stage.cards()]
            assert len([card for card in cards if "backup-uploader" in card]) == 1
            assert len(cards) == 2
            assert await bot.terminate() == 0
    lines = await replayed(archive, tmp_path)
    costly = {line["event_id"] for line in lines if line["kind"] == "cost_event"}
    wanted = {one["eventID"] for part in (plot.stolen, plot.slip, plot.stop) for one in part if "errorCode" not in one}
    assert costly >= wanted


@pytest.mark.parametrize("setting", ["DD0C_TRAIL_URLS", "DD0C_ARCHIVE_URL"])
async def test_an_address_that_is_none_is_refused_at_the_start(tmp_path: Path, mongod_uri: str, setting: str) -> None:
    said = await refused(tmp_path, COMPLETE | {"MONGODB_URI": mongod_uri, setting: "ftp://trail"})
    assert f"{setting}: 'ftp://trail' must be s3://bucket/prefix or file:///folder" in said

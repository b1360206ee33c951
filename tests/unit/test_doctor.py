"""What hangs holds up neither the doctor nor the other looks."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.doctor
from bot.doctor import Named, examine, look_once


async def test_what_hangs_is_given_up_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.doctor, "_LONGEST_SECONDS", 0.01)

    async def hang() -> str:
        await asyncio.Event().wait()
        return "never"

    found = await look_once("traces", hang)
    assert not found.healthy
    assert found.text.startswith("There was no answer within 0.01 s. Look at OTEL_EXPORTER_OTLP_ENDPOINT")


async def test_all_is_looked_at_side_by_side_and_told_in_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    met = asyncio.Barrier(2)

    async def meet() -> str:
        await met.wait()
        return "met"

    def two(_settings: object) -> Iterator[Named]:
        yield "first", meet
        yield "second", meet

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bot.doctor, "find_looks", two)
    found = [(one.name, one.text) for one in await examine() if one.name != "settings"]
    assert found == [("first", "met"), ("second", "met")]

"""Pages in turns, each asked for again and again by one browser."""

import time

import aiohttp
import msgspec

from bench.pages.house import EMPTY, House
from bench.slack.measure import quantile

PAGES = {
    "an empty page": EMPTY,
    "dashboard": "/dashboard",
    "anomalies": "/anomalies",
    "anomalies, filtered": "/anomalies?status=unsettled&severity=critical&account=000000000003&told=all",
    "anomalies, nothing fits": "/anomalies?actor=nobody&told=all",
    "one anomaly": f"/anomalies/{77:032x}",
    "settings": "/settings",
}
_DEEP = "anomalies, deep in the list"
_PAGES_DEEP = 20


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One page, in milliseconds; ``first_ms`` is the very first time, ``kilobytes`` the size of its HTML."""

    page: str
    first_ms: float
    p50_ms: float
    p95_ms: float
    max_ms: float
    kilobytes: float


async def measure(house: House, rounds: int) -> list[Row]:
    """Measure every page in every round, so that whatever else this machine does meets all.

    In the first round templates are compiled and the month's estimate is added up, so it is told on its own.
    """
    async with aiohttp.ClientSession(headers={"Cookie": house.cookie}) as session:
        pages = {**PAGES, _DEEP: await _deep(session, house.url)}
        times: dict[str, list[float]] = {name: [] for name in pages}
        first: dict[str, list[float]] = {name: [] for name in pages}
        sizes: dict[str, int] = {}
        for number in range(rounds + 1):
            for name, path in pages.items():
                took, sizes[name] = await _ask(session, house.url + path)
                (times if number else first)[name].append(took)
    return [_row(name, first[name][0], sorted(took), sizes[name]) for name, took in times.items()]


async def _deep(session: aiohttp.ClientSession, url: str) -> str:
    """The address of a page that few have patience to come to."""
    path = "/anomalies"
    for _ in range(_PAGES_DEEP):
        async with session.get(url + path) as answer:
            _, found, rest = (await answer.text()).partition('rel="next" href="')
            path = rest.partition('"')[0].replace("&amp;", "&") if found else path
    return path


async def _ask(session: aiohttp.ClientSession, address: str) -> tuple[float, int]:
    """Milliseconds until all of it was there, and its size in bytes."""
    began = time.perf_counter()
    async with session.get(address, allow_redirects=False) as answer:
        body = await answer.read()
        answer.raise_for_status()
    return (time.perf_counter() - began) * 1000, len(body)


def _row(name: str, first_ms: float, ascending: list[float], size: int) -> Row:
    return Row(
        page=name,
        first_ms=first_ms,
        p50_ms=quantile(ascending, 0.5),
        p95_ms=quantile(ascending, 0.95),
        max_ms=ascending[-1],
        kilobytes=size / 1024,
    )

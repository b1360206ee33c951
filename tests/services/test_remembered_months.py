"""The month's estimate is added up once a minute, and a failure is not remembered."""

import asyncio

import pytest

from engine.errors import Unavailable
from engine.models.spend_report import MonthEstimate
from services.remembered_months import RememberedMonths


class Books:
    """Counts how often they are added up."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = False

    async def estimate(self, tenant_id: str) -> MonthEstimate:
        self.asked.append(tenant_id)
        await asyncio.sleep(0)
        if self.fails:
            raise Unavailable("the database is away")
        spent = float(len(self.asked))
        return MonthEstimate(so_far_usd=spent, total_usd=spent, low_usd=spent, high_usd=spent)


async def test_all_who_ask_within_a_minute_get_one_estimate_of_their_own_tenant() -> None:
    books, now = Books(), [0.0]
    months = RememberedMonths(books.estimate, lambda: now[0])
    found = await asyncio.gather(*(months.estimate(one) for one in ("a", "a", "b", "a")))
    assert books.asked == ["a", "b"]
    assert [one.total_usd for one in found] == [found[0].total_usd] * 2 + [found[2].total_usd, found[0].total_usd]
    now[0] = 61.0
    await months.estimate("a")
    assert books.asked == ["a", "b", "a"]


async def test_a_failure_is_told_and_the_next_asks_again() -> None:
    books = Books()
    months = RememberedMonths(books.estimate, lambda: 0.0)
    books.fails = True
    with pytest.raises(Unavailable):
        await months.estimate("a")
    books.fails = False
    assert (await months.estimate("a")).total_usd == 2.0


async def test_who_leaves_does_not_take_it_from_the_others() -> None:
    books = Books()
    months = RememberedMonths(books.estimate, lambda: 0.0)
    leaving = asyncio.create_task(months.estimate("a"))
    staying = asyncio.create_task(months.estimate("a"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).total_usd == 1.0

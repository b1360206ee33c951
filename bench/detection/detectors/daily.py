"""Daily totals by service, seen 24 hours after the day is over: what a service that reads the bill can know."""

from collections import defaultdict
from datetime import timedelta
from statistics import fmean, pstdev

from bench.detection.cards import Card
from bench.detection.world import AccountWorld
from bench.detection.world.scene import EPOCH, Bill

_DAY = timedelta(days=1)
_HISTORY = 14
_LEAST_DAYS = 7
_DEVIATIONS = 3.0
_LEAST_USD = 25.0


def daily_total(account: AccountWorld) -> list[Card]:
    """A card a day and service whose total is far above the two weeks before; it names what started that day."""
    by_service: dict[str, list[Bill]] = defaultdict(list)
    for bill in account.bills:
        by_service[bill.service].append(bill)
    return [card for bills in by_service.values() for card in _cards(bills, range(-account.history_days, account.days))]


def _cards(bills: list[Bill], days: range) -> list[Card]:
    totals = [sum(_usd_on(bill, day) for bill in bills) for day in days]
    cards, told = [], False
    for known, day in list(enumerate(days))[_LEAST_DAYS:]:
        before = totals[max(0, known - _HISTORY) : known]
        far = totals[known] > fmean(before) + max(_DEVIATIONS * pstdev(before), _LEAST_USD)
        started = tuple(bill.event_id for bill in bills if EPOCH + day * _DAY <= bill.begin < EPOCH + (day + 1) * _DAY)
        if far and not told and started:
            cards.append(Card(EPOCH + (day + 2) * _DAY, started))
        told = far
    return cards


def _usd_on(bill: Bill, day: int) -> float:
    begin, end = max(bill.begin, EPOCH + day * _DAY), min(bill.end, EPOCH + (day + 1) * _DAY)
    return max(0.0, (end - begin).total_seconds() / 3600) * bill.usd_per_hour

"""A record that brings out a fault of ours holds up no other."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import TypeVar

from engine.cloudtrail.record import peek_time
from engine.errors import Dd0cError
from services.intake import Intake, IntakeReport, ParsedBatch, parse_batch
from services.ports import Accounts

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

_log = logging.getLogger(__name__)
_MOST_AT_ONCE = 3
_MOST_REMEMBERED = 1_000
_SHOWN = 160


class Isolating:
    """Ingests what is read again and again until it has its effect, and leaves out what can never have one.

    Few records are at fault by themselves. When more than a few fail, it is not they, and nothing is left out.
    """

    def __init__(self, intake: Intake, accounts: Accounts) -> None:
        self._intake = intake
        self._accounts = accounts
        self._left_out: OrderedDict[bytes, None] = OrderedDict()

    async def ingest(self, tenant_id: str, account_id: str, records: Sequence[bytes]) -> list[IntakeReport]:
        """Bring records into effect; give a report for each part that was taken in by itself.

        Raises UpstreamError when the database is away, and the fault itself when too many records bring it out.
        """
        faulty: list[bytes] = []
        wanted = [raw for raw in records if _digest(raw) not in self._left_out] if self._left_out else records

        async def ingest(part: Sequence[bytes]) -> IntakeReport:
            return await self._intake.ingest(tenant_id, account_id, part)

        reports = await isolate(wanted, ingest, faulty, _time)
        for raw in faulty:
            self._left_out[_digest(raw)] = None
            await name_fault(self._accounts, tenant_id, account_id, _shown(raw))
        while len(self._left_out) > _MOST_REMEMBERED:
            self._left_out.popitem(last=False)
        return reports


async def isolate(
    items: Sequence[ItemT],
    work: Callable[[Sequence[ItemT]], Awaitable[ResultT]],
    faulty: list[ItemT],
    when: Callable[[ItemT], float],
) -> list[ResultT]:
    """Work on all at once, or in halves, the older one first, until what fails is one item; that joins ``faulty``.

    Few are at fault by themselves: when more than a few fail, the fault is raised. So are the errors of our own tree,
    for they tell of the world and not of an item.
    """
    try:
        return [await work(items)]
    except Dd0cError:
        raise
    except Exception:
        if len(items) == 1:
            _log.exception("a record could not be judged")
            faulty.append(items[0])
        if len(faulty) > _MOST_AT_ONCE:
            raise
    if len(items) == 1:
        return []
    ordered, half = sorted(items, key=when), len(items) // 2
    older = await isolate(ordered[:half], work, faulty, when)
    return older + await isolate(ordered[half:], work, faulty, when)


async def parse_apart(
    accounts: Accounts, tenant_id: str, account_id: str, records: Sequence[bytes]
) -> list[ParsedBatch]:
    """Parse raw records; one that brings out a fault of ours is named and left out."""
    faulty: list[bytes] = []

    async def parse(part: Sequence[bytes]) -> ParsedBatch:
        return parse_batch(part, account_id)

    parsed = await isolate(records, parse, faulty, _time)
    for raw in faulty:
        await name_fault(accounts, tenant_id, account_id, _shown(raw))
    return parsed


async def name_fault(accounts: Accounts, tenant_id: str, account_id: str, shown: str) -> None:
    """Count a record that was left out, and name it in the account's status."""
    text = f"left out because of a fault in dd0c/cost, see its log: {shown}"
    await accounts.count_records(tenant_id, account_id, read=1, malformed=1, unknown_prices=0, last_malformed=text)


def _time(raw: bytes) -> float:
    time = peek_time(raw)
    return time.timestamp() if time else 0.0


def _digest(raw: bytes) -> bytes:
    return blake2b(raw, digest_size=16).digest()


def _shown(raw: bytes) -> str:
    return raw[:_SHOWN].decode("utf-8", "replace")

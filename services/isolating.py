"""A record that brings out a fault of ours holds up no other."""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

from engine.cloudtrail.record import peek_time
from engine.errors import Dd0cError
from services.intake import Intake, IntakeReport
from services.ports import Accounts

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
        reports = await self._ingest(tenant_id, account_id, wanted, faulty)
        for raw in faulty:
            self._left_out[_digest(raw)] = None
            await self._name(tenant_id, account_id, raw)
        while len(self._left_out) > _MOST_REMEMBERED:
            self._left_out.popitem(last=False)
        return reports

    async def _ingest(
        self, tenant_id: str, account_id: str, records: Sequence[bytes], faulty: list[bytes]
    ) -> list[IntakeReport]:
        """Take in all at once, or in halves, the older one first, until what fails is a single record."""
        try:
            return [await self._intake.ingest(tenant_id, account_id, records)]
        except Dd0cError:
            raise
        except Exception:
            if len(records) == 1:
                _log.exception("account %s: a record could not be judged", account_id)
                faulty.append(records[0])
            if len(faulty) > _MOST_AT_ONCE:
                raise
        if len(records) == 1:
            return []
        ordered, half = sorted(records, key=_time), len(records) // 2
        older = await self._ingest(tenant_id, account_id, ordered[:half], faulty)
        return older + await self._ingest(tenant_id, account_id, ordered[half:], faulty)

    async def _name(self, tenant_id: str, account_id: str, raw: bytes) -> None:
        text = f"left out because of a fault in dd0c/cost, see its log: {raw[:_SHOWN].decode('utf-8', 'replace')}"
        await self._accounts.count_records(
            tenant_id, account_id, read=1, malformed=1, unknown_prices=0, last_malformed=text
        )


def _time(raw: bytes) -> float:
    time = peek_time(raw)
    return time.timestamp() if time else 0.0


def _digest(raw: bytes) -> bytes:
    return blake2b(raw, digest_size=16).digest()

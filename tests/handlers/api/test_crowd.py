"""Many requests at one moment: the same reads share an answer, and more than can be answered are refused at once."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from handlers.web.api import app as api
from services.joining import Joined
from store.connect import Store
from tests.handlers.api.office import OTHER_ACCOUNT, Office, served
from tests.handlers.api.test_door import check_problem
from tests.store.samples import ACCOUNT, OTHER_TENANT

pytestmark = pytest.mark.integration


class Archive:
    """Stands before the accounts: counts who asks for and who reads them, and lets nobody in until the gate is open."""

    def __init__(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.readers: list[str] = []
        self.gate = asyncio.Event()
        self._find = office.services.accounts.find_accounts
        monkeypatch.setattr(office.services.accounts, "find_accounts", self._read)
        ask = Joined.ask

        async def counted(joined: Joined[Any], key: Any, look: Any) -> Any:
            self.asked += 1
            return await ask(joined, key, look)

        monkeypatch.setattr(Joined, "ask", counted)

    async def _read(self, tenant_id: str) -> Any:
        self.readers.append(tenant_id)
        await self.gate.wait()
        return await self._find(tenant_id)

    async def read_by(self, many: int) -> None:
        await self._until(lambda: len(self.readers) >= many)

    async def asked_by(self, many: int) -> None:
        await self._until(lambda: self.asked >= many)

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not holds():  # noqa: ASYNC110 - a list tells nobody that it grows
                await asyncio.sleep(0.001)


def reading(office: Office, key: str | None = None) -> asyncio.Task[tuple[int, Any, Any]]:
    return asyncio.create_task(office.send("GET", "/v1/accounts", key=key))


def ids_in(answer: tuple[int, Any, Any]) -> list[str]:
    assert answer[0] == 200, answer[1]
    return [one["account_id"] for one in answer[1]["accounts"]]


async def test_the_same_key_shares_a_read_and_another_tenant_has_its_own(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(office, monkeypatch)
    theirs = await office.make_key(tenant_id=OTHER_TENANT)
    first = reading(office)
    await archive.read_by(1)
    later = [reading(office) for _ in range(5)]
    other = reading(office, theirs)
    await archive.read_by(2)
    await archive.asked_by(7)
    archive.gate.set()
    assert ids_in(await other) == [OTHER_ACCOUNT]
    for answer in (await first, *await asyncio.gather(*later)):
        assert ids_in(answer) == [ACCOUNT]
    assert len(archive.readers) == 3  # The first, the other tenant's, and one for the five that came later.


async def test_more_than_can_be_answered_are_refused_at_once(api_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "_MOST_AT_ONCE", 1)
    office = Office(api_store)
    await office.furnish()
    async with served(office):
        archive = Archive(office, monkeypatch)
        first = reading(office)
        await archive.read_by(1)
        refused = await reading(office)
        check_problem(refused, 503)
        assert refused[2]["Retry-After"] == "1"
        archive.gate.set()
        assert ids_in(await first) == [ACCOUNT]
        assert ids_in(await reading(office)) == [ACCOUNT]

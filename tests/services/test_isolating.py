"""One record that brings out a fault of ours: it is named, and polling goes on without it."""

from collections.abc import Sequence
from typing import Any

import pytest

from demo.aws_account import AwsAccount as SimulatedAccount
from demo.aws_account import AwsSimulator
from engine.errors import Unavailable
from services.intake import Intake, IntakeReport
from services.isolating import Isolating
from services.polling import Poller
from tests.services.world import ACCOUNT, MINUTE, TENANT, World, raw


class PickyIntake:
    """An intake with a defect: it cannot take some records."""

    def __init__(self, intake: Intake, hated: Sequence[bytes], error: Exception) -> None:
        self._intake, self._hated, self._error = intake, set(hated), error

    async def ingest(self, tenant_id: str, account_id: str, records: Sequence[bytes]) -> IntakeReport:
        if any(one in record for record in records for one in self._hated):
            raise self._error
        return await self._intake.ingest(tenant_id, account_id, records)


def poller(world: World, simulator: AwsSimulator, intake: Any) -> Poller:
    return Poller(world.source(simulator), world.store.accounts, intake, world.clock)


async def test_it_is_left_out_and_named_once_and_the_others_take_effect(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount, caplog: pytest.LogCaptureFixture
) -> None:
    launches = [world.launch(1, ago=number * MINUTE) for number in range(9)]
    for launched in launches:
        aws_account.record(launched)
    world.turn(MINUTE)
    picky = PickyIntake(world.intake, [launches[4]["eventID"].encode()], KeyError("instancesSet"))
    polling = poller(world, simulator, picky)
    for _ in range(3):
        await polling.poll(TENANT, ACCOUNT)
    account = await world.account()
    assert (await world.baseline()).events == 8
    assert account.records_malformed == 1
    assert "left out because of a fault in dd0c/cost" in account.last_malformed
    assert all(cursor.read_until == world.clock() for cursor in account.cursors)
    assert caplog.text.count("KeyError: 'instancesSet'") == 1


@pytest.mark.parametrize("error", [KeyError("always"), Unavailable("MongoDB did not answer.")])
async def test_a_fault_that_is_not_the_records_leaves_nothing_out(
    world: World, simulator: AwsSimulator, aws_account: SimulatedAccount, error: Exception
) -> None:
    for number in range(9):
        aws_account.record(world.launch(1, ago=number * MINUTE))
    world.turn(MINUTE)
    before = (await world.account()).cursors
    with pytest.raises(type(error)):
        await poller(world, simulator, PickyIntake(world.intake, [b"{"], error)).poll(TENANT, ACCOUNT)
    account = await world.account()
    assert (account.cursors, account.records_malformed) == (before, 0)
    await world.poller(simulator).poll(TENANT, ACCOUNT)
    assert (await world.baseline()).events == 9


async def test_the_order_of_times_is_kept(world: World) -> None:
    launches = [world.launch(1, ago=number * MINUTE) for number in range(6)]
    stops = [world.terminate(one, ago=-MINUTE) for one in launches]
    picky = PickyIntake(world.intake, raw(stops[:1]), KeyError("x"))
    by_shape: Any = picky
    await Isolating(by_shape, world.store.accounts).ingest(TENANT, ACCOUNT, raw([*stops, *launches]))
    assert (await world.store.spending.sum_running(TENANT))[ACCOUNT] == pytest.approx(1.0)

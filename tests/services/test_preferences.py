"""Who changed a setting is recorded."""

from services.modes import Modes
from services.preferences import Preferences
from tests.services.world import ACCOUNT, TENANT, World


def preferences_of(world: World) -> Preferences:
    store = world.store
    return Preferences(store.accounts, world.clock, Modes(store.tenants, store.accounts, world.clock, world.policies))


async def test_a_changed_setting_says_by_whom_and_to_what(world: World) -> None:
    preferences = Preferences(
        world.store.accounts, world.clock, Modes(world.store.tenants, world.store.accounts, world.clock)
    )
    await preferences.settings(TENANT, ["sensitivity", "low"], {"service": "rds"}, "U7")
    await preferences.settings(TENANT, [], {}, "U8")
    [entry] = (await world.store.audit.find_chain(TENANT)).entries
    assert (entry.action, entry.actor, entry.account_id) == ("setting.changed", "U7", ACCOUNT)
    assert entry.details == {"sensitivity": "low", "service": "rds", "resource_type": ""}

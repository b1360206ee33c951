"""What this machine holds of how alerts are decided: the policy, rules on trial, and prices."""

import asyncio

from bot.settings import CoreSettings
from bot.wiring.workshop import PRICES_FILE, build_policies
from clients.flags import parse_overrides
from clients.prices.packaged import load_price_table


async def look_at_policy(settings: CoreSettings) -> str:
    """Read the operator's policy."""
    policy = build_policies(settings).current()
    return f"{policy.governance_mode} for all accounts but {len(policy.accounts)}"


async def look_at_flags(settings: CoreSettings) -> str:
    """Read which rules on trial are switched by hand."""
    return f"{len(parse_overrides(settings.flags))} switched by hand"


async def look_at_prices(settings: CoreSettings) -> str:
    """Read the price table that was refreshed here."""
    await asyncio.to_thread(load_price_table, settings.data_dir.expanduser() / PRICES_FILE)
    return "the table that was refreshed here can be read"

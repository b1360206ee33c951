"""Accounts as tests want them, however they came to be so, and what somebody else changes at the worst moment."""

from typing import Any

import msgspec

from engine.models.account import AwsAccount
from store.codec import encode, within
from store.connect import Store


async def change_account(store: Store, tenant_id: str, account_id: str, **fields: Any) -> AwsAccount:
    """Write just these fields of an account that is there, and give it as it is then."""
    changed = msgspec.structs.replace(await store.accounts.find_account(tenant_id, account_id), **fields)
    document = encode(tenant_id, changed)
    accounts = store._database.accounts  # noqa: SLF001 - each of the product's own writers has conditions
    only = {"$set": {name: document[name] for name in fields}}
    await accounts.update_one(within(tenant_id, account_id=account_id), only)
    return changed

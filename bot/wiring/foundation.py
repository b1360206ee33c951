"""What all wiring of ``dd0c serve`` stands on."""

import msgspec

from bot.settings import Settings
from bot.slack_access import SlackAccess
from bot.wiring.billing import BillingParts
from bot.wiring.workshop import Workshop
from services.ports import WorkQueue
from store.connect import Store


class Foundation(msgspec.Struct, frozen=True):
    """The outside, opened once and handed to every module of this package."""

    settings: Settings
    store: Store
    access: SlackAccess
    queue: WorkQueue
    workshop: Workshop
    billing: BillingParts

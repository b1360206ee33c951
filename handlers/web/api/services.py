"""What the routes call."""

import msgspec

from engine.models.idempotency import StoredAnswer
from services.anomaly_feed import AnomalyFeed
from services.baseline_report import BaselineReports
from services.declarations import Declarations
from services.exporting import Exporting
from services.idempotency import Idempotency
from services.joining import Joined
from services.keys import Keys
from services.leaving import Departures
from services.onboarding import Onboarding
from services.plans import Plans
from services.ports import Accounts
from services.ports.identity import AuthProvider
from services.preferences import Preferences
from services.rate_limits import RateLimits
from services.reports import Reports
from services.spend_files import SpendFiles
from services.spend_report import SpendReports
from services.spend_tags import TagSpend
from services.verdicts import Verdicts
from services.webhooks import Webhooks
from services.zombie_settings import ZombieSettings
from services.zombies import Zombies

_READS_APART_SECONDS = 0.025


def _reads() -> Joined[StoredAnswer]:
    return Joined(_READS_APART_SECONDS)


class ApiServices(msgspec.Struct, frozen=True, kw_only=True):
    """Use cases, and look-ups that need none.

    ``limits`` has a bucket for each caller, ``tenant_limits`` one for each tenant.
    ``reads`` lets the same credential share an answer where it reads the same at one moment.
    """

    auth: AuthProvider
    limits: RateLimits
    tenant_limits: RateLimits
    idempotency: Idempotency
    accounts: Accounts
    anomalies: AnomalyFeed
    baselines: BaselineReports
    declarations: Declarations
    departures: Departures
    exporting: Exporting
    keys: Keys
    onboarding: Onboarding
    plans: Plans
    preferences: Preferences
    reports: Reports
    spend: SpendReports
    spend_tags: TagSpend
    spend_files: SpendFiles
    verdicts: Verdicts
    webhooks: Webhooks
    zombies: Zombies
    zombie_settings: ZombieSettings
    reads: Joined[StoredAnswer] = msgspec.field(default_factory=_reads)

"""What the pages call."""

import msgspec

from handlers.web.pages import Pages
from handlers.web.viewing import Viewing
from services.anomaly_feed import AnomalyFeed
from services.digest_settings import DigestSettings
from services.findings import Findings
from services.keys import Keys
from services.plans import Plans
from services.ports import Accounts, Clock, Tenants
from services.ports.sign_in import Users
from services.preferences import Preferences
from services.remembered_months import RememberedMonths
from services.reports import Reports
from services.roles import Roles
from services.routing import Routing
from services.verdicts import Verdicts


class SiteServices(msgspec.Struct, frozen=True, kw_only=True):
    """Use cases, and look-ups that need none."""

    viewing: Viewing
    pages: Pages
    tenants: Tenants
    accounts: Accounts
    users: Users
    anomalies: AnomalyFeed
    findings: Findings
    reports: Reports
    months: RememberedMonths
    verdicts: Verdicts
    preferences: Preferences
    digest_settings: DigestSettings
    routing: Routing
    roles: Roles
    keys: Keys
    plans: Plans
    clock: Clock

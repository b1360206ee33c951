"""Wiring of the pages for who is signed in."""

import time

from bot.identity import utc_now
from bot.wiring.foundation import Foundation
from handlers.slack.context import SlackServices
from handlers.web.api.services import ApiServices
from handlers.web.sign_in import SignInParts
from handlers.web.site.services import SiteServices
from services.month_estimate import MonthEstimates
from services.remembered_months import RememberedMonths


def build_site(ground: Foundation, slack: SlackServices, api: ApiServices, sign_in: SignInParts) -> SiteServices:
    """Give what the pages call: the use cases of the commands in Slack, and of the REST API."""
    store = ground.store
    return SiteServices(
        viewing=sign_in.viewing,
        pages=sign_in.pages,
        tenants=store.tenants,
        accounts=store.accounts,
        users=store.users,
        anomalies=api.anomalies,
        findings=slack.findings,
        reports=slack.reports,
        months=RememberedMonths(MonthEstimates(store.spending, store.bills, utc_now).estimate, time.monotonic),
        verdicts=slack.verdicts,
        preferences=slack.preferences,
        digest_settings=slack.digest_settings,
        routing=slack.routing,
        roles=slack.roles,
        keys=api.keys,
        plans=slack.plans,
        clock=utc_now,
    )

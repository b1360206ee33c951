"""Wiring of the pages for newcomers: the landing page, the wizard, and the plan."""

import time

import msgspec
from aiohttp import web

from bot.identity import utc_now
from bot.settings import Settings
from bot.wiring.billing import BillingParts
from handlers.slack.context import SlackServices
from handlers.web import landing, parting, plans, start
from handlers.web.landing import Offer
from handlers.web.plans import PlanParts
from handlers.web.sign_in import SignInParts
from handlers.web.start import WizardParts
from services.leaving import Departures
from services.rate_limits import RateLimits
from store.connect import Store

_LOOKS_A_MINUTE = 40  # One page looks 15 times a minute.
_VISITS_A_MINUTE = 20


class NewcomerPages(msgspec.Struct, frozen=True):
    """What their routes call."""

    offer: Offer
    wizard: WizardParts
    departures: Departures
    plan: PlanParts

    def register(self, app: web.Application) -> None:
        """Add all of their routes."""
        landing.register(app, self.wizard.pages, self.offer)
        start.register(app, self.wizard)
        parting.register(app, self.wizard, self.departures)
        plans.register(app, self.plan)


def build_newcomer_pages(
    settings: Settings, store: Store, services: SlackServices, sign_in: SignInParts, billing: BillingParts
) -> NewcomerPages:
    """Give the parts; the use cases are those of ``/dd0c connect`` and ``/dd0c plan``."""
    return NewcomerPages(
        offer=Offer(installable=settings.is_installable, billed=settings.is_billed),
        wizard=WizardParts(
            pages=sign_in.pages,
            viewing=sign_in.viewing,
            onboarding=services.onboarding,
            accounts=store.accounts,
            tenants=store.tenants,
            reports=services.reports,
            looks=RateLimits(_LOOKS_A_MINUTE, time.monotonic),
            clock=utc_now,
            installable=settings.is_installable,
        ),
        departures=services.departures,
        plan=PlanParts(
            pages=sign_in.pages,
            viewing=sign_in.viewing,
            plans=billing.plans,
            subscriptions=billing.subscriptions,
            visits=RateLimits(_VISITS_A_MINUTE, time.monotonic),
        ),
    )

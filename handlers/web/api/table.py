"""Every route of the REST API, resource by resource. A new resource is a file beside this one, and a line here."""

from collections.abc import Sequence

from handlers.web.api import (
    accounts,
    anomalies,
    api_keys,
    baselines,
    billing,
    expectations,
    export,
    onboarding,
    snoozes,
    spend,
    verdicts,
    webhooks,
    zombie_thresholds,
    zombies,
)
from handlers.web.api.route import Route

ROUTES: Sequence[Route] = (
    *accounts.ROUTES,
    *onboarding.ROUTES,
    *baselines.ROUTES,
    *anomalies.ROUTES,
    *verdicts.ROUTES,
    *expectations.ROUTES,
    *snoozes.ROUTES,
    *zombie_thresholds.ROUTES,
    *zombies.ROUTES,
    *webhooks.ROUTES,
    *api_keys.ROUTES,
    *billing.ROUTES,
    *spend.ROUTES,
    *export.ROUTES,
)

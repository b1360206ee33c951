"""Wiring of the REST API, and of the webhooks it manages."""

import os
import time

from bot.identity import utc_now
from bot.settings import Settings
from bot.slack_access import SlackAccess
from bot.wiring.spend import build_spend_tags
from bot.wiring.zombies import build_zombies
from clients.cipher import Cipher, parse_keys
from clients.credential_seal import seal_for
from clients.parquet import ParquetFiles
from clients.slack.messages import SlackMessages
from clients.webhook_caller import WebhookCaller
from handlers.web.api.services import ApiServices
from handlers.web.api.webhooks import payload
from services.anomaly_feed import AnomalyFeed
from services.baseline_report import BaselineReports
from services.declarations import Declarations
from services.exporting import Exporting
from services.idempotency import Idempotency
from services.identities import AnyIdentity, KeyIdentities
from services.keys import Keys
from services.leaving import Departures
from services.modes import Modes
from services.onboarding import Onboarding
from services.plans import Plans
from services.policies import Policies
from services.ports.identity import AuthProvider
from services.ports.requests import Seal
from services.preferences import Preferences
from services.rate_limits import RateLimits
from services.reports import Reports
from services.spend_files import SpendFiles
from services.spend_report import SpendReports
from services.verdicts import Verdicts
from services.webhook_sending import WebhookSender
from services.webhooks import Unsealed, Webhooks
from services.zombie_settings import ZombieSettings
from store.connect import Store

# A tenant may make any number of keys, and each would have its own requests.
_AS_MANY_KEYS = 5


def build_api(
    settings: Settings,
    store: Store,
    verdicts: Verdicts,
    departures: Departures,
    *,
    onboarding: Onboarding,
    reports: Reports,
    spend: SpendReports,
    plans: Plans,
    sessions: AuthProvider,
    policies: Policies,
) -> ApiServices:
    """Give what the routes call."""
    keys = Keys(store.api_keys, os.urandom, utc_now)
    return ApiServices(
        auth=AnyIdentity([KeyIdentities(keys), sessions]),
        limits=RateLimits(settings.api_requests_per_minute, time.monotonic),
        tenant_limits=RateLimits(_AS_MANY_KEYS * settings.api_requests_per_minute, time.monotonic),
        idempotency=Idempotency(store.idempotency, seal_for, utc_now, os.urandom),
        accounts=store.accounts,
        anomalies=AnomalyFeed(store.tenants, store.anomalies, store.search),
        baselines=BaselineReports(store.accounts, store.ledger, store.observations, utc_now),
        declarations=Declarations(store.accounts, store.patterns, utc_now),
        departures=departures,
        exporting=Exporting(store.export, store.audit, utc_now),
        keys=keys,
        onboarding=onboarding,
        plans=plans,
        preferences=Preferences(store.accounts, utc_now, Modes(store.tenants, store.accounts, utc_now, policies)),
        reports=reports,
        spend=spend,
        spend_files=SpendFiles(store.bills, ParquetFiles(), utc_now),
        spend_tags=build_spend_tags(settings, store),
        verdicts=verdicts,
        webhooks=Webhooks(store.webhooks, _seal(settings), utc_now),
        zombies=build_zombies(store),
        zombie_settings=ZombieSettings(store.tenants, utc_now),
    )


def build_webhook_sender(settings: Settings, store: Store, access: SlackAccess, policies: Policies) -> WebhookSender:
    """Give what tells webhooks."""
    return WebhookSender(
        rows=store.webhooks,
        anomalies=store.anomalies,
        tenants=store.tenants,
        caller=WebhookCaller(),
        messages=SlackMessages(access.client_for),
        payload=payload,
        seal=_seal(settings),
        clock=utc_now,
        policies=policies,
    )


def _seal(settings: Settings) -> Seal:
    """An installation of one workspace may have no key."""
    keys = settings.encryption_keys.get_secret_value()
    return Cipher(parse_keys(keys), os.urandom) if keys else Unsealed()

"""The whole of what ``dd0c serve`` serves, with everything switched on that settings can switch on."""

from collections.abc import AsyncIterator

import pytest

from demo.stripe_account import StripeSimulator
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.handlers.site.house import House, opened
from tests.store.conftest import RETENTION_DAYS, fresh_database

SIGNING_SECRET = "signing"
EVERYTHING = {
    "SLACK_BOT_TOKEN": "",
    "SLACK_CLIENT_ID": "client",
    "SLACK_CLIENT_SECRET": "client-secret",
    "DD0C_ALERT_CHANNEL": "",
    "DD0C_URL": "https://costs.acme.example",
    "DD0C_OIDC_ISSUER": "http://127.0.0.1:9",
    "DD0C_OIDC_CLIENT_ID": "client",
    "DD0C_OIDC_CLIENT_SECRET": "oidc-secret",
    "DD0C_AWS_PRINCIPAL_ARN": "arn:aws:iam::999988887777:root",
    "DD0C_METRICS_TOKEN": "metrics-token",
    # Everything is asked by one stranger, and without end.
    "DD0C_UNKNOWN_REQUESTS_PER_MINUTE": "100000",
    "DD0C_API_REQUESTS_PER_MINUTE": "100000",
}


@pytest.fixture
async def whole(stripe: StripeSimulator) -> AsyncIterator[House]:
    store = Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS)
    async with opened(store, **{**EVERYTHING, **stripe.environment()}) as running:
        yield running


@pytest.fixture
async def real_whole(mongod_uri: str, stripe: StripeSimulator) -> AsyncIterator[House]:
    """The same over a real database, which answers what the stand-in in memory cannot."""
    async with fresh_database(mongod_uri) as database:
        store = Store(database, retention_days=RETENTION_DAYS)
        await store.ensure_indexes()
        async with opened(store, **{**EVERYTHING, **stripe.environment()}) as running:
            yield running

"""The repositories fit what the use cases ask for; strict mypy is what proves it, the test only lets it look."""

from services import ports
from store.connect import Store


async def test_every_repository_fits_its_port(store: Store) -> None:
    tenants: ports.Tenants = store.tenants
    accounts: ports.Accounts = store.accounts
    ledger: ports.Ledger = store.ledger
    anomalies: ports.Anomalies = store.anomalies
    outbox: ports.Outbox = store.outbox
    spending: ports.Spending = store.spending
    experiences: ports.Experiences = store.baselines
    lookups: ports.SystemLookups = store.system
    given = (tenants, accounts, ledger, anomalies, outbox, spending, experiences, lookups)
    assert len(set(map(id, given))) == len(given)

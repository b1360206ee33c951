"""The repositories fit what the use cases ask for; strict mypy is what proves it, the test only lets it look."""

from services import ports
from store.connect import Store


async def test_every_repository_fits_its_port(store: Store) -> None:
    tenants: ports.Tenants = store.tenants
    accounts: ports.Accounts = store.accounts
    ledger: ports.Ledger = store.ledger
    anomalies: ports.Anomalies = store.anomalies
    outbox: ports.Outbox = store.outbox
    posts: ports.Posts = store.posts
    spending: ports.Spending = store.spending
    experiences: ports.Experiences = store.baselines
    lookups: ports.SystemLookups = store.system
    inbox: ports.Inbox = store.inbox
    api_keys: ports.ApiKeys = store.api_keys
    leaving: ports.Leaving = store.leaving
    audit: ports.Audit = store.audit
    trails: ports.Trails = store.trails
    given: tuple[object, ...] = (tenants, accounts, ledger, anomalies, outbox, spending, experiences, lookups)
    leases: ports.Leases = store.leases
    given += (audit, inbox, api_keys, leaving, trails, leases, posts)
    assert len(set(map(id, given))) == len(given)

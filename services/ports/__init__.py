"""What the use cases need from the world outside, as Protocols, one module for each idea.

Adapters fit by shape. They raise only the errors of ``engine.errors``. Every method that touches a customer's data
takes the tenant first.
"""

from services.ports.cards import Budgets, Messages, Notifier, Outbox
from services.ports.charts import ChartAddresses, ChartDrawer
from services.ports.customers import Accounts, ApiKeys, Audit, Leaving, Pauses, SystemLookups, Tenants, Tokens
from services.ports.files import Archive, TrailMessage, TrailNotices, Trails, TrailStore
from services.ports.findings import Anomalies, AnomalySearch, Experiences, Patterns, Spending
from services.ports.injected import Clock, NewId
from services.ports.members import Members
from services.ports.people import Amendments, People, TicketSystem, Trackers
from services.ports.posts import Poster, Posts
from services.ports.records import CloudTrailSource, Inbox, Ledger, SetAside
from services.ports.roles import CustomerKeys, CustomerRoles, KeySealing
from services.ports.spend import Bills, BillSource, SpendBudgets
from services.ports.work import DeadLetters, Leases, WorkQueue

__all__ = [
    "Accounts",
    "Amendments",
    "Anomalies",
    "AnomalySearch",
    "ApiKeys",
    "Archive",
    "Audit",
    "BillSource",
    "Bills",
    "Budgets",
    "ChartAddresses",
    "ChartDrawer",
    "Clock",
    "CloudTrailSource",
    "CustomerKeys",
    "CustomerRoles",
    "DeadLetters",
    "Experiences",
    "Inbox",
    "KeySealing",
    "Leases",
    "Leaving",
    "Ledger",
    "Members",
    "Messages",
    "NewId",
    "Notifier",
    "Outbox",
    "Patterns",
    "Pauses",
    "People",
    "Poster",
    "Posts",
    "SetAside",
    "SpendBudgets",
    "Spending",
    "SystemLookups",
    "Tenants",
    "TicketSystem",
    "Tokens",
    "Trackers",
    "TrailMessage",
    "TrailNotices",
    "TrailStore",
    "Trails",
    "WorkQueue",
]

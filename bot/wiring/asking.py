"""Wiring of what concerns people beside the alert channel: who they are, what they are asked, and their tickets."""

import time

from bot.identity import new_id, utc_now
from bot.sealing import build_cipher, can_seal
from bot.settings import Settings
from bot.slack_access import SlackAccess
from clients.slack.people import SlackPeople
from clients.tickets.systems import TicketSystems
from services.asking import Asking
from services.ports import People
from services.tickets import Tickets
from store.connect import Store


def build_people(store: Store, access: SlackAccess) -> SlackPeople:
    """Give the one directory: what it remembers is for all who ask."""
    return SlackPeople(access.client_for, store.tenants.find_tenant, time.monotonic)


def build_asking(store: Store, people: People) -> Asking:
    """Give what asks people and settles their answers."""
    return Asking(
        anomalies=store.anomalies,
        amendments=store.amendments,
        accounts=store.accounts,
        people=people,
        posts=store.posts,
        clock=utc_now,
        new_id=new_id,
    )


def build_tickets(settings: Settings, store: Store) -> Tickets:
    """Give what makes tickets; without a key to seal tokens with, no tracker can be connected."""
    return Tickets(
        anomalies=store.anomalies,
        amendments=store.amendments,
        accounts=store.accounts,
        trackers=store.trackers(build_cipher(settings)) if can_seal(settings) else None,
        systems=TicketSystems(local=settings.tickets_local),
        clock=utc_now,
        local=settings.tickets_local,
    )

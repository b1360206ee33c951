"""Wiring of the App Home."""

from bot.identity import utc_now
from bot.wiring.foundation import Foundation
from bot.wiring.zombies import build_zombies
from clients.slack.homes import SlackHomes
from services.home_report import HomeReports
from services.homes import Homes
from services.quieting import Quieting
from services.reports import Reports
from services.roles import Roles


def build_homes(ground: Foundation, reports: Reports, quieting: Quieting, roles: Roles) -> Homes:
    """Give what publishes Homes, for listeners as for the job."""
    store = ground.store
    publisher = SlackHomes(ground.access.client_for, store.turns)
    home_reports = HomeReports(
        tenants=store.tenants,
        accounts=store.accounts,
        search=store.search,
        outbox=store.outbox,
        reports=reports,
        quieting=quieting,
        zombies=build_zombies(store),
        publisher=publisher,
        clock=utc_now,
    )
    return Homes(rows=store.homes, reports=home_reports, publisher=publisher, roles=roles, clock=utc_now)

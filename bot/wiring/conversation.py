"""Wiring of what answers in Slack: commands, buttons and forms."""

from bot.files import build_event_queue
from bot.identity import new_id, utc_now
from bot.wiring.asking import build_tickets
from bot.wiring.delivery import Delivery, build_pausing, build_routing
from bot.wiring.foundation import Foundation
from bot.wiring.home import build_homes
from bot.wiring.spend import build_spend_tags
from bot.wiring.zombies import build_zombies
from bot.work_queue import aws_identity
from clients.aws.connect import connect_roles
from clients.slack.members import SlackMembers
from handlers.slack.context import SlackServices
from services.digest_settings import DigestSettings
from services.file_health import FileHealth
from services.findings import Findings
from services.leftovers import Leftovers
from services.modes import Modes
from services.onboarding import Onboarding
from services.ports import DeadLetters
from services.preferences import Preferences
from services.quieting import Quieting
from services.repeats import Repeats
from services.reports import Reports
from services.resending import Resending
from services.role_checking import RoleChecking
from services.roles import Roles
from services.teams import Teams
from services.workspaces import Workspaces
from services.zombie_settings import ZombieSettings


def build_conversation(
    ground: Foundation, delivery: Delivery, workspaces: Workspaces, dead_letters: DeadLetters | None
) -> SlackServices:
    """Give what the listeners call."""
    store, workshop = ground.store, ground.workshop
    members = SlackMembers(ground.access.client_for)
    roles = Roles(store.tenants, members, utc_now)
    reports = _reports(ground, dead_letters)
    quieting = _quieting(ground)
    return SlackServices(
        teams=Teams(store.system),
        repeats=Repeats(store.seen, utc_now),
        members=members,
        routing=build_routing(store, ground.access, workspaces),
        roles=roles,
        reports=reports,
        homes=build_homes(ground, reports, quieting, roles),
        digests=delivery.digests,
        spend=delivery.spend,
        spend_budgets=delivery.spend_budgets,
        findings=Findings(
            accounts=store.accounts,
            anomalies=store.anomalies,
            search=store.search,
            outbox=store.outbox,
            clock=utc_now,
        ),
        verdicts=workshop.verdicts,
        leftovers=Leftovers(store.anomalies, store.accounts, store.leaving),
        asking=delivery.asking,
        tickets=build_tickets(ground.settings, store),
        onboarding=_onboarding(ground, delivery),
        departures=workshop.departures,
        preferences=Preferences(
            store.accounts, utc_now, Modes(store.tenants, store.accounts, utc_now, ground.workshop.policies)
        ),
        digest_settings=DigestSettings(store.tenants, utc_now),
        quieting=quieting,
        pausing=build_pausing(store),
        sender=delivery.sender,
        resending=Resending(store.outbox, store.posts, utc_now),
        workspaces=workspaces,
        plans=ground.billing.plans,
        spend_tags=build_spend_tags(ground.settings, store),
        zombies=build_zombies(store),
        zombie_settings=ZombieSettings(store.tenants, utc_now),
        clock=utc_now,
    )


def _quieting(ground: Foundation) -> Quieting:
    return Quieting(
        tenants=ground.store.tenants,
        accounts=ground.store.accounts,
        patterns=ground.store.patterns,
        verdicts=ground.workshop.verdicts,
        prices=ground.workshop.prices,
        clock=utc_now,
        new_id=new_id,
    )


def _onboarding(ground: Foundation, delivery: Delivery) -> Onboarding:
    return Onboarding(
        accounts=ground.store.accounts,
        lookups=ground.store.system,
        checking=RoleChecking(
            roles=connect_roles(aws_identity(ground.settings), clock=utc_now),
            clock=utc_now,
            new_id=new_id,
            principal_arn=ground.settings.aws_principal_arn,
        ),
        queue=ground.queue,
        clock=utc_now,
        new_id=new_id,
        teller=delivery.connections,
        template_url=ground.settings.template_url,
        limit_of=ground.billing.plans.limit,
    )


def _reports(ground: Foundation, dead_letters: DeadLetters | None) -> Reports:
    store, archiving = ground.store, ground.workshop.archiving
    return Reports(
        tenants=store.tenants,
        accounts=store.accounts,
        anomalies=store.anomalies,
        outbox=store.outbox,
        posts=store.posts,
        set_aside=store.inbox,
        spending=store.spending,
        experiences=store.baselines,
        clock=utc_now,
        dead_letters=dead_letters,
        dead_events=build_event_queue(ground.settings),
        files=FileHealth(rows=store.trails, archiving=archiving, clock=utc_now),
        policies=ground.workshop.policies,
    )

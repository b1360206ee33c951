"""Wiring of what is sent to Slack without being asked: cards, replies, notices, digests."""

from collections.abc import Sequence

import msgspec

from bot.identity import new_id, utc_now
from bot.settings import Settings
from bot.slack_access import SlackAccess
from bot.wiring.asking import build_asking, build_people
from bot.wiring.mail import build_mail_poster
from bot.wiring.spend import build_spend, build_spend_budgets
from bot.wiring.telemetry import Telemetry
from bot.wiring.zombies import build_zombies
from clients.slack.members import SlackMembers
from clients.slack.messages import SlackMessages
from clients.slack.notifier import SlackNotifier
from clients.slack.people import SlackPeople
from clients.slack.poster import SlackPoster
from clients.slack.spacing import ChannelSpacing
from services.alert_budget import AlertBudget, HeldCards
from services.alert_channels import AlertChannels
from services.asking import Asking
from services.connection_news import ConnectionTeller
from services.delivery import Sender
from services.digests import Digests
from services.growth import Growth
from services.pausing import Pausing
from services.policies import Policies
from services.ports import ChartAddresses, Notifier, Poster
from services.posting import PostSender
from services.routing import Routing
from services.spend_budgets import BudgetSettings
from services.spend_report import SpendReports
from services.workspaces import Workspaces
from store.connect import Store


class Delivery(msgspec.Struct, frozen=True):
    """What sends, each kind of message by its own."""

    sender: Sender
    posts: PostSender
    mails: PostSender | None
    digests: Digests
    connections: ConnectionTeller
    asking: Asking
    people: SlackPeople
    spend: SpendReports
    spend_budgets: BudgetSettings


def build_delivery(
    settings: Settings,
    store: Store,
    access: SlackAccess,
    charts: ChartAddresses,
    *,
    telemetry: Telemetry,
    policies: Policies,
) -> Delivery:
    """Give what the jobs let run, and what commands ask to send at once."""
    people = build_people(store, access)
    asking = build_asking(store, people)
    mail_poster = build_mail_poster(settings)
    poster = SlackPoster(access.client_for, ChannelSpacing(store.turns))
    channels = AlertChannels(store.tenants, SlackMessages(access.client_for), policies, people)
    return Delivery(
        sender=_sender(store, access, people, telemetry, channels),
        posts=_post_sender(store, asking, channels, poster),
        mails=_post_sender(store, asking, channels, mail_poster, by_mail=True) if mail_poster else None,
        digests=_digests(store, charts, settings.digest_readers()),
        spend=build_spend(store, charts),
        spend_budgets=build_spend_budgets(store),
        connections=_connections(store),
        asking=asking,
        people=people,
    )


def _sender(
    store: Store, access: SlackAccess, people: SlackPeople, telemetry: Telemetry, channels: AlertChannels
) -> Sender:
    notifier: Notifier = SlackNotifier(access.client_for, ChannelSpacing(store.turns), utc_now, people.find_by_email)
    return Sender(
        outbox=store.outbox,
        anomalies=store.anomalies,
        accounts=store.accounts,
        channels=channels,
        notifier=notifier,
        clock=utc_now,
        growth=Growth(store.posts, utc_now),
        budget=AlertBudget(store.tenants, store.budgets, utc_now),
        tracer=telemetry.tracer,
        meter=telemetry.meter,
    )


def _post_sender(
    store: Store, asking: Asking, channels: AlertChannels, poster: Poster, *, by_mail: bool = False
) -> PostSender:
    held_cards = HeldCards(store.tenants, store.outbox, store.search, store.accounts)
    return PostSender(
        posts=store.posts,
        poster=poster,
        channels=channels,
        held_cards=held_cards,
        tell_unreached=asking.tell_unreached,
        clock=utc_now,
        by_mail=by_mail,
    )


def _connections(store: Store) -> ConnectionTeller:
    return ConnectionTeller(
        tenants=store.tenants,
        lookups=store.system,
        accounts=store.accounts,
        posts=store.posts,
        clock=utc_now,
    )


def _digests(store: Store, charts: ChartAddresses, readers: Sequence[str]) -> Digests:
    return Digests(
        lookups=store.system,
        tenants=store.tenants,
        charts=charts,
        accounts=store.accounts,
        search=store.search,
        spending=store.spending,
        posts=store.posts,
        outbox=store.outbox,
        users=store.users,
        zombies=build_zombies(store),
        spend=build_spend(store, charts),
        clock=utc_now,
        readers=readers,
    )


def build_pausing(store: Store) -> Pausing:
    """Give what pauses a tenant and ends that."""
    return Pausing(
        tenants=store.tenants,
        accounts=store.accounts,
        pauses=store.pauses,
        search=store.search,
        clock=utc_now,
    )


def build_workspaces(store: Store, access: SlackAccess) -> Workspaces:
    """Give what knows and greets the workspaces that installed the app."""
    return Workspaces(
        tenants=store.tenants,
        lookups=store.system,
        tokens=access.installations,
        messages=SlackMessages(access.client_for),
        members=SlackMembers(access.client_for),
        new_id=new_id,
        clock=utc_now,
    )


def build_routing(store: Store, access: SlackAccess, workspaces: Workspaces) -> Routing:
    """Give what sets which channel takes which cards."""
    return Routing(
        tenants=store.tenants,
        accounts=store.accounts,
        messages=SlackMessages(access.client_for),
        workspaces=workspaces,
        clock=utc_now,
    )

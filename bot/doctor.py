"""``dd0c doctor``: looks at everything the bot needs from outside, once, and says of each what to do if it is wrong."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

import msgspec

from bot.looks import aws, database, others, records, rules, slack
from bot.looks.sick import Sick
from bot.mongod import MongodError
from bot.proxies import steer_proxies
from bot.sealing import can_seal
from bot.setting_names import find_slips
from bot.settings import CoreSettings, Settings, load_core_settings, load_settings
from bot.wiring.workshop import PRICES_FILE
from engine.errors import Dd0cError, InvalidSetting, UpstreamError

_LONGEST_SECONDS = 30.0
_PATIENT = frozenset({"MongoDB"})  # Indexes that are missing are made, which takes minutes where much is stored.
_ADVICE = {
    "MongoDB": "Look whether it runs, and whether MONGODB_URI names its hosts, replica set, user and password.",
    "Slack": "Look whether this machine may reach SLACK_API_URL.",
    "Socket Mode": "Look whether this machine may reach SLACK_API_URL.",
    "Stripe": "Look at STRIPE_API_KEY, which must be allowed to read prices, at DD0C_STRIPE_PRICE and STRIPE_API_BASE.",
    "AWS": "Look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or this machine's role, and its way to AWS.",
    "access keys": "Look whether this machine may reach MongoDB and AWS.",
    "work queue": "Look whether this bot's user may sqs:GetQueueAttributes on the queue and on its dead letters.",
    "events": "Look whether this bot's user may sqs:GetQueueAttributes and GetQueueUrl on DD0C_EVENT_QUEUE_URL.",
    "mail": "Look at DD0C_SMTP_URL, and whether this machine may reach that server; no mail was sent.",
    "archive": "Make DD0C_ARCHIVE_URL writable, with the right to delete there; until then no raw records are kept.",
    "trails": "Look at DD0C_TRAIL_URLS, and whether this bot's user may list and read there.",
    "notices": "Look whether DD0C_TRAIL_QUEUE_URL is a queue from which this bot's user may receive and delete.",
    "traces": "Look at OTEL_EXPORTER_OTLP_ENDPOINT; until it answers, spans are dropped.",
    "template": "Look at DD0C_TEMPLATE_URL; until it can be read, nobody can connect an account by it.",
}


class Finding(msgspec.Struct, frozen=True):
    """What one look gave; ``text`` is what is there, or what is wrong and what to do."""

    name: str
    healthy: bool
    text: str


Look = Callable[[], Awaitable[str]]
Named = tuple[str, Look]


async def examine() -> list[Finding]:
    """Look at everything at once, each whatever became of the others, so what hangs holds up no more than itself.

    Looking at the archive writes an object and deletes it; looking at MongoDB creates the indexes that are missing.
    """
    findings, settings = _read_settings()
    steer_proxies(settings.slack_api_url if isinstance(settings, Settings) else "")
    looks = find_looks(settings) if settings is not None else ()
    return [*findings, *await asyncio.gather(*(look_once(name, look) for name, look in looks))]


def _read_settings() -> tuple[list[Finding], CoreSettings | None]:
    """Without Slack's settings all else can still be looked at."""
    slips = find_slips()
    try:
        settings = load_settings()
    except InvalidSetting as error:
        findings = [Finding("settings", healthy=False, text="\n".join((str(error), *slips)))]
    else:
        return [Finding("settings", healthy=not slips, text="\n".join(slips) or "complete")], settings
    try:
        return findings, load_core_settings()
    except InvalidSetting:
        return findings, None


def find_looks(settings: CoreSettings) -> Iterator[Named]:
    """What there is to look at with these settings."""
    yield "MongoDB", lambda: database.look_at_mongodb(settings)
    if isinstance(settings, Settings):
        yield from _looks_of_serve(settings)
    yield "AWS", lambda: aws.look_at_aws(settings)
    if can_seal(settings):
        yield "access keys", lambda: aws.look_at_access_keys(settings)
    yield from _looks_of_work(settings)
    yield from _looks_of_rules(settings)


def _looks_of_serve(settings: Settings) -> Iterator[Named]:
    yield "Slack", lambda: slack.look_at_slack(settings)
    if settings.slack_app_token.get_secret_value():
        yield "Socket Mode", lambda: slack.look_at_socket(settings)
    if settings.is_billed:
        yield "Stripe", lambda: others.look_at_stripe(settings)
    if settings.smtp_url.get_secret_value():
        yield "mail", lambda: others.look_at_mail(settings)
    if settings.oidc_issuer:
        yield "sign-in", lambda: others.look_at_issuer(settings)


def _looks_of_work(settings: CoreSettings) -> Iterator[Named]:
    if settings.work_queue_url is not None:
        yield "work queue", lambda: aws.look_at_work_queue(settings)
    if settings.event_queue_url is not None:
        yield "events", lambda: aws.look_at_events(settings)
    if settings.trail_urls:
        yield "trails", lambda: records.look_at_trails(settings)
    if settings.trail_queue_url is not None:
        yield "notices", lambda: records.look_at_notices(settings)
    if settings.archive_url:
        yield "archive", lambda: records.look_at_archive(settings)
    if settings.otlp_endpoint:
        yield "traces", lambda: others.look_at_collector(settings)
    if settings.template_url:
        yield "template", lambda: others.look_at_template(settings)


def _looks_of_rules(settings: CoreSettings) -> Iterator[Named]:
    if settings.policy is not None:
        yield "policy", lambda: rules.look_at_policy(settings)
    if settings.flags:
        yield "flags", lambda: rules.look_at_flags(settings)
    if (settings.data_dir.expanduser() / PRICES_FILE).exists():
        yield "prices", lambda: rules.look_at_prices(settings)


async def look_once(name: str, look: Look) -> Finding:
    """Look, in most cases for half a minute at most; what is wrong comes with what to do about it."""
    try:
        async with asyncio.timeout(None if name in _PATIENT else _LONGEST_SECONDS):
            return Finding(name, healthy=True, text=await look())
    except TimeoutError:
        waited = f"There was no answer within {_LONGEST_SECONDS:g} s."
        return Finding(name, healthy=False, text=f"{waited} {_ADVICE.get(name, '')}".rstrip())
    except UpstreamError as error:
        return Finding(name, healthy=False, text=f"{error} {_ADVICE[name]}")
    except (Dd0cError, MongodError, Sick) as error:
        return Finding(name, healthy=False, text=str(error))


def is_healthy(findings: Sequence[Finding]) -> bool:
    """Whether nothing is wrong."""
    return all(finding.healthy for finding in findings)

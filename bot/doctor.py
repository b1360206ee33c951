"""``dd0c doctor``: looks at everything the bot needs from outside, once, and says of each what to do if it is wrong."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from bot.files import build_archiving, build_event_queue
from bot.identity import utc_now
from bot.key_health import look_at_keys
from bot.mongod import MongodError, find_mongod, preflight
from bot.proxies import steer_proxies
from bot.sealing import can_seal
from bot.settings import CoreSettings, Settings, load_core_settings, load_settings
from bot.wiring.billing import connect_payments
from bot.wiring.mail import build_mailer
from bot.wiring.workshop import build_policies
from bot.work_queue import aws_identity, build_operator
from clients.aws.connect import connect_roles
from clients.mail.smtp import SmtpMailer
from clients.slack.connect import identify_workspace, slack_client, slack_session
from engine.entitlements import PRO_USD_A_MONTH, price_fault
from engine.errors import AccessDenied, Dd0cError, InvalidSetting, Rejected, UpstreamError
from store.connect import connect

_OLDEST_MONGODB = (5, 0)
_MONGODB_ANSWERS_SECONDS = 5.0
_ADVICE = {
    "MongoDB": "Look whether it runs, and whether MONGODB_URI names it with the right user and password.",
    "Slack": "Look whether this machine may reach SLACK_API_URL.",
    "Stripe": "Look at STRIPE_API_KEY, which must be allowed to read prices, at DD0C_STRIPE_PRICE and STRIPE_API_BASE.",
    "AWS": "Look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or this machine's role, and its way to AWS.",
    "access keys": "Look whether this machine may reach MongoDB and AWS.",
    "work queue": "Look whether this bot's user may sqs:GetQueueAttributes on the queue and on its dead letters.",
    "events": "Look whether this bot's user may sqs:GetQueueAttributes and GetQueueUrl on DD0C_EVENT_QUEUE_URL.",
    "mail": "Look at DD0C_SMTP_URL, and whether this machine may reach that server; no mail was sent.",
    "archive": "Look whether this bot's user may write to and delete from DD0C_ARCHIVE_URL.",
}
_NO_IDENTITY = "NoCredentials"
_PROBE_TENANT, _PROBE_ACCOUNT = "doctor", "000000000000"


class Sick(Exception):
    """What is wrong, and in the same sentence or the next one what to do about it."""


class Finding(msgspec.Struct, frozen=True):
    """What one look gave; ``text`` is what is there, or what is wrong and what to do."""

    name: str
    healthy: bool
    text: str


Look = Callable[[], Awaitable[str]]


async def examine() -> list[Finding]:
    """Look at everything, each whatever became of the others.

    Looking at the archive writes an object and deletes it; looking at MongoDB creates the indexes that are missing.
    """
    findings, settings = _read_settings()
    steer_proxies(settings.slack_api_url if isinstance(settings, Settings) else "")
    looks = _looks(settings) if settings is not None else {}
    return [*findings, *[await _finding(name, look) for name, look in looks.items()]]


def _read_settings() -> tuple[list[Finding], CoreSettings | None]:
    """Without Slack's settings all else can still be looked at."""
    try:
        return [Finding("settings", healthy=True, text="complete")], load_settings()
    except InvalidSetting as error:
        findings = [Finding("settings", healthy=False, text=str(error))]
    try:
        return findings, load_core_settings()
    except InvalidSetting:
        return findings, None


def _looks(settings: CoreSettings) -> dict[str, Look]:
    looks: dict[str, Look] = {"MongoDB": lambda: _look_at_mongodb(settings)}
    if isinstance(settings, Settings) and not settings.is_installable:  # Who installs the app brings the token.
        looks["Slack"] = lambda: _look_at_slack(settings)
    if isinstance(settings, Settings) and settings.is_billed:
        looks["Stripe"] = lambda: _look_at_stripe(settings)
    if isinstance(settings, Settings) and (mailer := build_mailer(settings)) is not None:
        looks["mail"] = lambda: _look_at_mail(mailer, settings.digest_readers())
    looks["AWS"] = lambda: _look_at_aws(settings)
    if can_seal(settings):
        looks["access keys"] = lambda: _look_at_access_keys(settings)
    if settings.work_queue_url is not None:
        looks["work queue"] = lambda: _look_at_work_queue(settings)
    if settings.event_queue_url is not None:
        looks["events"] = lambda: _look_at_events(settings)
    if settings.policy is not None:
        looks["policy"] = lambda: _look_at_policy(settings)
    if settings.archive_url:
        looks["archive"] = lambda: _look_at_archive(settings)
    return looks


async def _finding(name: str, look: Look) -> Finding:
    try:
        return Finding(name, healthy=True, text=await look())
    except UpstreamError as error:
        return Finding(name, healthy=False, text=f"{error} {_ADVICE[name]}")
    except (Dd0cError, MongodError, Sick) as error:
        return Finding(name, healthy=False, text=str(error))


async def _look_at_mongodb(settings: CoreSettings) -> str:
    if settings.mongodb_uri is None:
        if not settings.local_mongod:
            raise Sick("MONGODB_URI is not set. Name the bot's database there, or set DD0C_LOCAL_MONGOD=1.")
        return f"the bot's own: {await preflight(find_mongod())}"
    uri = settings.mongodb_uri.get_secret_value()
    store = await connect(uri, settings.database, server_selection_seconds=_MONGODB_ANSWERS_SECONDS)
    try:
        version = await store.fetch_version()
        aside = await store.system.count_set_aside()
        files = await store.trails.count_aside_files()
    finally:
        store.close()
    if tuple(map(int, version.split(".")[:2])) < _OLDEST_MONGODB:
        raise Sick(f"This is MongoDB {version}; the oldest that is supported is 5.0. Upgrade it.")
    counts = {"received batches could not take effect": aside, "log files could not be read": files}
    if given_up := ", ".join(f"{count} {what}" for what, count in counts.items() if count):
        raise Sick(f"{given_up}. `dd0c queue aside` says why, `retry` tries again.")
    return f"{version}, with transactions"


async def _look_at_slack(settings: Settings) -> str:
    async with slack_session() as session:
        client = slack_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session)
        try:
            workspace = await identify_workspace(client)
        except Rejected as error:
            raise Sick(f"SLACK_BOT_TOKEN was refused ({error.code}). Copy it again from the app's page.") from error
    return f"workspace {workspace.team_name} ({workspace.team_id})"


async def _look_at_stripe(settings: Settings) -> str:
    """Customers read a price on our pages and pay another at Stripe unless somebody compares the two."""
    stripe, price = connect_payments(settings), settings.stripe_prices()[0]
    try:
        fault = price_fault(await stripe.gateway.fetch_price())
    finally:
        await stripe.close()
    if fault:
        raise Sick(f"DD0C_STRIPE_PRICE is {price}: {fault}. Name a price that does.")
    return f"{price} asks {PRO_USD_A_MONTH} USD a month for each AWS account"


async def _look_at_mail(mailer: SmtpMailer, readers: Sequence[str]) -> str:
    await mailer.check()
    if not readers:
        raise Sick("DD0C_SMTP_URL takes mail from this bot, but nobody gets any: name them in DD0C_DIGEST_EMAILS.")
    return f"{mailer} takes mail from this bot; the digest goes to {', '.join(readers)}"


async def _look_at_aws(settings: CoreSettings) -> str:
    roles = connect_roles(aws_identity(settings), clock=utc_now)
    try:
        return f"this bot is {await roles.fetch_principal()}"
    except AccessDenied as error:
        if error.code != _NO_IDENTITY or not (await look_at_keys(settings)).kept:
            raise
    return "this bot has no identity of its own there, and reads accounts by access keys alone"


async def _look_at_access_keys(settings: CoreSettings) -> str:
    health = await look_at_keys(settings)
    if health.faults:
        raise Sick("\n".join(health.faults))
    if health.kept is None:
        return "not looked at, because MongoDB does not answer"
    return f"{health.kept} in use, and AWS takes each" if health.kept else "none in use"


async def _look_at_work_queue(settings: CoreSettings) -> str:
    operator = build_operator(settings)
    try:
        if fault := await operator.check():
            raise Sick(f"{fault} docs/operations.md says how it is to be set up.")
        depth = await operator.fetch_depth()
    finally:
        await operator.close()
    if depth.dead:
        raise Sick(f"{depth.dead} work items were given up. `dd0c queue dead` shows them, `redrive` tries again.")
    return f"{depth.waiting} waiting, {depth.in_work} in work, no dead letters"


async def _look_at_events(settings: CoreSettings) -> str:
    queue = build_event_queue(settings)
    dead = await queue.count_dead() if queue is not None else 0
    if dead:
        raise Sick(
            f"{dead} messages from EventBridge were given up; the log says why. "
            "`dd0c queue redrive --events` tries again."
        )
    return "no dead letters"


async def _look_at_policy(settings: CoreSettings) -> str:
    policy = build_policies(settings).current()
    return f"{policy.governance_mode} for all accounts but {len(policy.accounts)}"


async def _look_at_archive(settings: CoreSettings) -> str:
    archiving = build_archiving(settings)
    if archiving is None:
        return "none"
    await archiving.append(_PROBE_TENANT, _PROBE_ACCOUNT, [b"{}"])
    if archiving.trouble:
        raise Sick(f"{archiving.trouble} Make DD0C_ARCHIVE_URL writable; until then no raw records are kept.")
    await archiving.delete_account(_PROBE_TENANT, _PROBE_ACCOUNT)
    return f"{settings.archive_url} takes and deletes objects"


def is_healthy(findings: Sequence[Finding]) -> bool:
    """Whether nothing is wrong."""
    return all(finding.healthy for finding in findings)

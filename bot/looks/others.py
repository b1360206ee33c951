"""Whom else the bot speaks to: Stripe, a mail server, an issuer of sign-ins, a collector of traces, AWS's customers."""

import aiohttp

from bot.identity import utc_now
from bot.looks.sick import Sick
from bot.settings import CoreSettings, Settings
from bot.wiring.billing import connect_payments
from bot.wiring.mail import build_mailer
from clients.identity.keys import IssuerKeys
from clients.web_look import look_at_address
from engine.entitlements import PRO_USD_A_MONTH, price_fault
from engine.errors import UpstreamError

_TEMPLATE_SAYS = b"AWSTemplateFormatVersion"
_TRACES = "/v1/traces"
_OK, _REDIRECTS = 200, 300


async def look_at_stripe(settings: Settings) -> str:
    """Customers read a price on our pages and pay another at Stripe unless somebody compares the two."""
    stripe, price = connect_payments(settings), settings.stripe_prices()[0]
    try:
        fault = price_fault(await stripe.gateway.fetch_price())
    finally:
        await stripe.close()
    if fault:
        raise Sick(f"DD0C_STRIPE_PRICE is {price}: {fault}. Name a price that does.")
    return f"{price} asks {PRO_USD_A_MONTH} USD a month for each AWS account"


async def look_at_mail(settings: Settings) -> str:
    """Sign in to the mail server, and send nothing."""
    mailer, readers = build_mailer(settings), settings.digest_readers()
    if mailer is None:
        return "none"
    await mailer.check()
    if not readers:
        raise Sick("DD0C_SMTP_URL takes mail from this bot, but nobody gets any: name them in DD0C_DIGEST_EMAILS.")
    return f"{mailer} takes mail from this bot; the digest goes to {', '.join(readers)}"


async def look_at_issuer(settings: Settings) -> str:
    """Read what the issuer says of itself; the client's id and secret show only when somebody signs in."""
    issuer = settings.oidc_issuer or ""
    async with aiohttp.ClientSession() as session:
        try:
            await IssuerKeys(session, issuer, utc_now).describe()
        except UpstreamError as error:
            raise Sick(
                f"DD0C_OIDC_ISSUER is {issuer}, and its /.well-known/openid-configuration is not to be had "
                f"({error.code}). Write the issuer as its provider does."
            ) from error
    return f"{issuer} describes itself; {_guests(settings)}"


def _guests(settings: Settings) -> str:
    """Who may come in, and what they are then."""
    allowed = settings.allowed_emails()
    who = "everybody whom it signs in" if allowed.everybody else f"whom DD0C_OIDC_ALLOW names ({settings.oidc_allow})"
    return f"{who} {'gets a place of their own' if settings.is_installable else 'is a responder in your workspace'}"


async def look_at_collector(settings: CoreSettings) -> str:
    """Send no spans, as a collector takes them."""
    address = f"{(settings.otlp_endpoint or '').rstrip('/')}{_TRACES}"
    headers = {"Content-Type": "application/x-protobuf", **settings.otlp_header_map()}
    found = await look_at_address("POST", address, headers)
    if not _OK <= found.status < _REDIRECTS:
        raise Sick(
            f"{address} answers {found.status} to traces. Look at OTEL_EXPORTER_OTLP_ENDPOINT, which must take OTLP "
            "over HTTP, and at OTEL_EXPORTER_OTLP_HEADERS."
        )
    return f"{address} takes traces"


async def look_at_template(settings: CoreSettings) -> str:
    """Read the customers' template as CloudFormation would."""
    found = await look_at_address("GET", settings.template_url, {})
    if found.status != _OK or _TEMPLATE_SAYS not in found.start:
        raise Sick(
            f"DD0C_TEMPLATE_URL leads to no template that anybody may read (it answers {found.status}). Put "
            "infra/customer-role.yaml there; docs/deploy-cloud.md says how."
        )
    return "anybody may read it"

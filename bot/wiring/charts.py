"""Wiring of the pictures that digests show where Slack draws no chart itself."""

from bot.identity import utc_now
from bot.settings import Settings
from clients.charts.addresses import SignedAddresses
from clients.charts.drawing import Drawing
from handlers.web.charts import PATH
from services.chart_pictures import ChartPictures
from store.connect import Store


def build_addresses(settings: Settings) -> SignedAddresses:
    """Give what makes addresses; Slack's signing secret is there wherever Slack can reach the bot."""
    secret = settings.slack_signing_secret.get_secret_value()
    reachable = bool(secret) and settings.has_address
    return SignedAddresses(settings.public_url + PATH if reachable else "", secret.encode())


def build_pictures(store: Store, addresses: SignedAddresses) -> ChartPictures:
    """Give what answers at those addresses."""
    return ChartPictures(addresses=addresses, drawer=Drawing(), tenants=store.tenants, clock=utc_now)

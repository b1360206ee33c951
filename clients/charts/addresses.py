"""Addresses that carry a chart and a signature: nothing is stored for them, and nobody else can make one."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

import msgspec

from engine.errors import UNREADABLE, NotFound
from engine.models.chart import Chart, SignedChart

SUFFIX = ".png"
_PURPOSE = b"dd0c/cost chart addresses, version 1"
_LONGEST = 3000  # As long as Slack takes an address.


class SignedAddresses:
    """Below ``base_url``; without one there are none. Whatever was signed with another secret is unknown."""

    def __init__(self, base_url: str, secret: bytes) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = hmac.digest(secret, _PURPOSE, hashlib.sha256)

    def address(self, tenant_id: str, chart: Chart, until: datetime) -> str:
        """Give where the chart's picture is seen until then; empty without a place to see it, or for a huge chart."""
        content = _text(msgspec.json.encode(SignedChart(tenant_id=tenant_id, chart=chart, until=until)))
        address = f"{self._base_url}/{content}.{self._signature(content)}{SUFFIX}"
        return address if self._base_url and len(address) <= _LONGEST else ""

    def read(self, token: str) -> SignedChart:
        """Give the chart of an address's last part; raise NotFound for one that this bot did not make."""
        content, _, signature = token.removesuffix(SUFFIX).partition(".")
        if len(token) > _LONGEST or not hmac.compare_digest(signature.encode(), self._signature(content).encode()):
            raise NotFound("There is no such chart.")
        try:
            return msgspec.json.decode(urlsafe_b64decode(content + "=" * (-len(content) % 4)), type=SignedChart)
        except (ValueError, *UNREADABLE):
            raise NotFound("This chart is of another version of dd0c/cost.") from None

    def _signature(self, content: str) -> str:
        return _text(hmac.digest(self._key, content.encode(), hashlib.sha256))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()

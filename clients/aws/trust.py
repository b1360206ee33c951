"""One list of trusted certificates for all of AWS's SDK's clients."""

from functools import cache
from ssl import SSLContext
from typing import Any

import aiohttp
from aiobotocore.httpsession import AIOHTTPSession
from botocore.httpsession import create_urllib3_context, get_cert_path

_Session: Any = AIOHTTPSession


class SharedTrust(_Session):  # type: ignore[misc] # what is published of its types leaves out what is needed here
    """The SDK's own way over HTTP, but that clients share what they trust.

    By itself every client reads the whole list anew, which takes 20 ms during which nothing else runs, and 0.7 MB: a
    look for idle resources has a client for each of ten services in each Region.
    """

    def _create_connector(self, proxy_url: str | None) -> aiohttp.TCPConnector:
        if proxy_url or self._cert_file or not self._verify:
            connector: aiohttp.TCPConnector = super()._create_connector(proxy_url)
            return connector
        return aiohttp.TCPConnector(
            limit=self._max_pool_connections, ssl=_trusting(get_cert_path(self._verify)), **self._connector_args
        )


@cache  # Certificates are read once: a process that is to trust others is started again.
def _trusting(path: str) -> SSLContext:
    """The settings of TLS the SDK makes, with the certificates in this file."""
    context: SSLContext = create_urllib3_context()
    context.load_verify_locations(path)
    return context

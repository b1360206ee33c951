"""Which addresses the SDKs reach through the environment's proxy: none on this machine, none that NO_PROXY names."""

import os
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

_THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
_KNOWN_TO_SLACKS_SDK = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY")


def steer_proxies(slack_api_url: str = "") -> None:
    """Change this process's environment so that the SDKs do what NO_PROXY says, with this machine added to it.

    The AWS SDK reads the variables whatever the case of their letters. Slack's reads only those it knows, asks no
    NO_PROXY, and takes what they name for every address, in clients of its own making, too: where Slack is to be
    reached directly, they go on under a spelling that it does not know.
    """
    spared = getproxies_environment().get("no", "")
    if spared != "*":
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(filter(None, (spared, *_THIS_MACHINE)))
    if slack_api_url and proxy_bypass(urlsplit(slack_api_url).netloc.rpartition("@")[2]):
        for name in _KNOWN_TO_SLACKS_SDK:
            if name in os.environ:
                os.environ.setdefault(name.title(), os.environ.pop(name))

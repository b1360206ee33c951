"""The one script there is: it asks how far something is, and says so; every page works without it, too."""

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files

from handlers.web.pages import Pages

_POLICY = "Content-Security-Policy"


class Following:
    """``script`` stands in pages that follow something; ``headers`` let it run, and no other."""

    def __init__(self, pages: Pages) -> None:
        self.script = files("handlers.web").joinpath("templates", "follow.js").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(self.script.encode()).digest()).decode()
        policy = f"{pages.headers[_POLICY]}; script-src 'sha256-{digest}'; connect-src 'self'"
        self.headers: Mapping[str, str] = {**pages.headers, _POLICY: policy}

"""Pages for people's browsers: templates that run no script, under a policy that would not let them."""

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

_STYLE = "style.css"


class Pages:
    """Renders the templates beside this file."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("handlers.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        style = files("handlers.web").joinpath("templates", _STYLE).read_text("utf-8")
        self._templates.globals["style"] = style
        self._headers = _headers(style)

    @property
    def headers(self) -> Mapping[str, str]:
        """What every page is sent with."""
        return self._headers

    def render(self, name: str, **values: object) -> str:
        """Give the HTML of one page; values are escaped."""
        return self._templates.get_template(f"{name}.html").render(**values)


def _headers(style: str) -> Mapping[str, str]:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }

"""The simulated tracker's two pages: all issues, and one."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape

from demo.tracker.issue import Issue

_STYLE = """:root{color-scheme:light dark}
body{margin:0 auto;max-width:46rem;padding:1rem;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.3rem}h2{font-size:1rem}small{opacity:.75}li{padding:.35rem 0}
pre{white-space:pre-wrap;border:1px solid;border-radius:6px;padding:.8rem;font-size:13px}"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
STYLE_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; frame-ancestors 'none'"


def list_page(repository: str, issues: Sequence[Issue]) -> str:
    """All issues, newest first.

    >>> "No issues yet" in list_page("acme/infra", [])
    True
    """
    rows = "".join(
        f'<li><a href="/{escape(repository)}/issues/{one.number}">{escape(one.title)}</a><br>'
        f"<small>#{one.number} opened {one.made_at:%Y-%m-%d %H:%M} UTC</small></li>"
        for one in reversed(issues)
    )
    shown = f"<ul>{rows}</ul>" if rows else "<p>No issues yet. Choose <i>Create ticket</i> in a card's menu.</p>"
    return _framed(f"{repository}: issues", f"<h1>{escape(repository)}: issues</h1>{shown}")


def issue_page(repository: str, issue: Issue) -> str:
    """One issue with its text as it came.

    >>> from datetime import UTC, datetime
    >>> "&lt;b&gt;" in issue_page("acme/infra", Issue(1, "<b>", "text", datetime(2026, 1, 5, tzinfo=UTC)))
    True
    """
    head = f"<h1>{escape(issue.title)} <small>#{issue.number}</small></h1>"
    back = f'<p><a href="/{escape(repository)}/issues">All issues of {escape(repository)}</a></p>'
    comments = "".join(f"<h2>Comment</h2><pre>{escape(one)}</pre>" for one in issue.comments)
    return _framed(f"{repository}#{issue.number}", f"{head}<pre>{escape(issue.body)}</pre>{comments}{back}")


def _framed(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><p><small>Simulated ticket tracker on this machine</small></p>{body}</body></html>"
    )

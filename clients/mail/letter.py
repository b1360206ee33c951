"""A digest as e-mail: the same words in plain text and in HTML."""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import unescape
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from blocks.anomaly_rows import plain_row
from blocks.chart import finding
from blocks.digest import compared, one_line, sums, title
from blocks.money import rates, usd
from blocks.text import count, plain
from blocks.zombie_watch import watch_words
from engine.models.post import DigestMail, Post
from engine.models.report import AnomalyRow, DigestReport, Suppressed
from engine.models.zombie_watch import ZombieRow

_NAME = 100
# A folded Message-ID is no longer one, and the standard library folds it into encoded words.
_POLICY = SMTP.clone(max_line_length=900)
_REPEAT = "This mail may be a repeat: it is not known whether an earlier try arrived."


class _Part(msgspec.Struct, frozen=True):
    title: str
    lines: tuple[str, ...]


class Letters:
    """Writes the mails of digests; ``sender`` is an address that was judged."""

    def __init__(self, sender: str) -> None:
        self._sender = sender
        self._templates = Environment(
            loader=PackageLoader("clients.mail"),
            autoescape=select_autoescape(["html"]),  # Plain text has no markup that a name could break.
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    def message_id(self, tenant_id: str, post: Post) -> str:
        """Always the same for one tenant's digest and reader, so that whoever gets a repeat can tell."""
        told = hashlib.sha256(f"{tenant_id}\n{post.post_id}".encode()).hexdigest()[:32]
        return f"<digest.{told}@{self._sender.rpartition('@')[2]}>"

    def write(self, tenant_id: str, post: Post, content: DigestMail) -> bytes:
        """Give the whole message, to the address in ``channel_id``."""
        report, zone = content.report, ZoneInfo(content.zone)
        seen = {
            "title": title(report),
            "period": f"{_when(report.since, zone)} to {_when(report.until, zone)}",
            "is_quiet": report.is_quiet,
            "sums": sums(report),
            "parts": _parts(report, zone),
            "note": _REPEAT if post.may_repeat else "",
        }
        message = EmailMessage(policy=_POLICY)
        message["From"] = Address("dd0c/cost", addr_spec=self._sender)
        message["To"] = Address(addr_spec=post.channel_id)
        message["Subject"] = f"Quiet: nothing unusual ({title(report)})" if report.is_quiet else one_line(report)
        message["Date"] = post.created_at
        message["Message-ID"] = self.message_id(tenant_id, post)
        message["Auto-Submitted"] = "auto-generated"  # So that nobody's holiday notice answers.
        message.set_content(self._drawn("digest.txt", seen), cte="quoted-printable")
        message.add_alternative(self._drawn("digest.html", seen), subtype="html", cte="quoted-printable")
        return message.as_bytes()

    def _drawn(self, template: str, seen: dict[str, object]) -> str:
        return self._templates.get_template(template).render(seen)


def _parts(report: DigestReport, zone: ZoneInfo) -> list[_Part]:
    """What there is to tell; what is empty is left out."""
    chart = (plain(finding(report.chart), 400),) if report.chart else ()
    words = watch_words(report.zombies)
    idle = (words, *map(_idle, report.zombies.dearest)) if report.zombies and words else ()
    parts = [
        _Part("Day by day", chart),
        _Part("Anomalies", _rows(report.rows, zone)),
        _Part("Unusual, but not worth a card", _rows(report.findings, zone)),
        _Part("Kept silent, and why", tuple(map(_silent, report.suppressed))),
        _Part("Zombie watch", idle),
        # Their words are made for Slack; the three entities that escape them are all its markup in there.
        _Part("Beside the bill", tuple(map(unescape, compared(report)))),
    ]
    return [part for part in parts if part.lines]


def _rows(rows: tuple[AnomalyRow, ...], zone: ZoneInfo) -> tuple[str, ...]:
    return tuple(f"{plain_row(row)}, {_when(row.first_event_time, zone)}" for row in rows)


def _silent(one: Suppressed) -> str:
    return f"{count(one.count, 'finding')}, {rates(one.hourly_cost)}: {plain(one.reason, 200)}"


def _idle(row: ZombieRow) -> str:
    price = f"{usd(row.monthly_cost)} a month" if row.monthly_cost is not None else "price not known"
    what = f"{plain(row.title, _NAME)} {plain(row.resource_id, _NAME)}"
    return f"{price}: {what} in {plain(row.account_name, _NAME)}, {plain(row.region, _NAME)}"


def _when(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")

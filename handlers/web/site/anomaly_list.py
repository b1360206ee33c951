"""The list of anomalies."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from aiohttp import web

from engine.models.account import AwsAccount
from engine.models.anomaly import Anomaly
from engine.models.search import Position
from engine.models.session import Viewer
from handlers.web.cursors import write_cursor
from handlers.web.site import anomaly_filter
from handlers.web.site.anomaly_filter import AnomalyFilter, criteria_of, parse_filter, position_of
from handlers.web.site.frame import ANOMALIES
from handlers.web.site.rows import AnomalyRow, rows_of
from handlers.web.site.screen import Screen
from handlers.web.site.services import SiteServices
from handlers.web.site.words import shown

_PAGE = 50


class Choice(msgspec.Struct, frozen=True):
    """One entry of a list to choose from."""

    value: str
    label: str
    is_chosen: bool


class Chooser(msgspec.Struct, frozen=True):
    """A list to choose from."""

    name: str
    label: str
    choices: tuple[Choice, ...]


class AnomalyListView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page; paths are empty where there is nothing to lead to."""

    choosers: tuple[Chooser, ...]
    actor: str
    without_actor: str
    rows: tuple[AnomalyRow, ...]
    is_filtered: bool
    newest: str
    older: str


class AnomalyList:
    """Reads; never writes."""

    def __init__(self, services: SiteServices, screen: Screen) -> None:
        self._services = services
        self._screen = screen

    async def show(self, request: web.Request, viewer: Viewer) -> web.Response:
        """A page of what is asked for, newest first."""
        services, now = self._services, self._services.clock()
        asked = parse_filter(request.query)
        accounts, (found, last) = await asyncio.gather(
            services.accounts.find_accounts(viewer.tenant_id),
            services.anomalies.page(viewer.tenant_id, criteria_of(asked, now), position_of(asked), _PAGE),
        )
        view = list_view(asked, accounts, [one.anomaly for one in found], last, now)
        return self._screen.show("anomalies", viewer, ANOMALIES, view)


def list_view(
    asked: AnomalyFilter,
    accounts: Sequence[AwsAccount],
    found: Sequence[Anomaly],
    last: Position | None,
    now: datetime,
) -> AnomalyListView:
    """Say what was found, and where there is more."""
    names = {one.account_id: one.name for one in accounts}
    return AnomalyListView(
        choosers=_choosers(asked, names),
        actor=asked.actor,
        without_actor=asked.path(actor="", cursor="") if asked.actor else "",
        rows=rows_of(found, names, now),
        is_filtered=asked != AnomalyFilter(cursor=asked.cursor),
        newest=asked.path(cursor="") if asked.cursor else "",
        older=asked.path(cursor=write_cursor(last)) if last else "",
    )


def _choosers(asked: AnomalyFilter, names: Mapping[str, str]) -> tuple[Chooser, ...]:
    accounts = {"": "all", **{number: f"{shown(name)} ({number})" for number, name in names.items()}}
    if asked.account and asked.account not in accounts:
        accounts[asked.account] = asked.account
    return (
        _chooser("status", "Status", anomaly_filter.STATUSES, asked.status),
        _chooser("severity", "Severity", anomaly_filter.SEVERITIES, asked.severity),
        _chooser("account", "AWS account", accounts, asked.account),
        _chooser("span", "When", anomaly_filter.SPANS, asked.span),
        _chooser("told", "Which", anomaly_filter.TOLD, asked.told),
    )


def _chooser(name: str, label: str, choices: Mapping[str, str], chosen: str) -> Chooser:
    return Chooser(name, label, tuple(Choice(value, text, value == chosen) for value, text in choices.items()))

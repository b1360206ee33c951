"""Commands about what was found: anomalies, explain, digest."""

from collections.abc import Mapping

from blocks.anomaly_list import anomaly_list
from blocks.card import Card
from blocks.digest import digest
from blocks.digest_setting import digest_setting
from blocks.explanation import explanation
from engine.command_line.nearest import did_you_mean
from engine.command_line.options import Line
from engine.command_line.values import parse_page, parse_span
from engine.command_line.words import shown
from engine.errors import InvalidCommand
from engine.models.anomaly import Severity
from engine.models.search import AnomalyQuery
from engine.roles import Deed
from handlers.slack.commands.command import Command
from handlers.slack.context import Caller, SlackServices

_OPTIONS = {"since": True, "severity": True, "account": True, "open": False, "suppressed": False, "page": True}


async def _anomalies(services: SlackServices, caller: Caller, line: Line) -> Card:
    if line.words:
        flags = [f"--{name}" for name in _OPTIONS]
        hint = did_you_mean(f"--{line.words[0]}", flags) or " `/dd0c help anomalies` says how it is written."
        raise InvalidCommand(f"{shown(line.words[0])} is not understood here.{hint}")
    return anomaly_list(await services.findings.list_anomalies(caller.tenant_id, _query(line.options)))


def _query(options: Mapping[str, str]) -> AnomalyQuery:
    usual = AnomalyQuery()
    return AnomalyQuery(
        span=parse_span(options["since"]) if "since" in options else usual.span,
        severity=_severity(options["severity"]) if "severity" in options else usual.severity,
        account=options.get("account", ""),
        open_only="open" in options,
        suppressed="suppressed" in options,
        page=parse_page(options["page"]) if "page" in options else usual.page,
    )


def _severity(word: str) -> Severity:
    try:
        return Severity(word.lower())
    except ValueError:
        hint = did_you_mean(word, [one.value for one in Severity])
        raise InvalidCommand(
            f"{shown(word)} is no severity: there is `info`, `warning` and `critical`.{hint}"
        ) from None


async def _explain(services: SlackServices, caller: Caller, line: Line) -> Card:
    return explanation(await services.findings.explain(caller.tenant_id, "".join(line.words[:1])))


async def _digest(services: SlackServices, caller: Caller, line: Line) -> Card:
    if _sets_digest(line):
        return digest_setting(await services.digest_settings.change(caller.tenant_id, caller.user_id, line.words))
    return digest(await services.digests.last_day(caller.tenant_id))


def _sets_digest(line: Line) -> bool:
    return bool(line.words) and line.words[0].lower() != "now"


def _digest_deed(line: Line) -> Deed:
    return Deed.CHANGE_SETTINGS if _sets_digest(line) else Deed.LOOK


ANOMALIES = Command(_anomalies, _OPTIONS)
EXPLAIN = Command(_explain)
DIGEST = Command(_digest, deed=_digest_deed)

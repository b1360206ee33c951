"""Commands about what was found: anomalies, digest."""

from blocks.anomaly_list import anomaly_list
from blocks.card import Card
from blocks.digest import digest
from engine.command_line.options import Line
from handlers.slack.commands.command import Command
from handlers.slack.context import Caller, SlackServices


async def _anomalies(services: SlackServices, caller: Caller, _line: Line) -> Card:
    return anomaly_list(await services.reports.anomalies(caller.tenant_id))


async def _digest(services: SlackServices, caller: Caller, _line: Line) -> Card:
    return digest(await services.reports.digest(caller.tenant_id))


ANOMALIES = Command(_anomalies)
DIGEST = Command(_digest)

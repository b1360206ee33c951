"""``/dd0c plan``"""

from blocks.card import Card
from blocks.plan import plan
from engine.command_line.options import Line
from engine.errors import InvalidCommand
from engine.models.billing import Plan, PlanReport
from engine.roles import Deed
from handlers.slack.commands.command import Command, always
from handlers.slack.context import Caller, SlackServices


async def _plan(services: SlackServices, caller: Caller, line: Line) -> Card:
    if line.words:
        raise InvalidCommand("`/dd0c plan` takes no other words: upgrading and cancelling are behind its button.")
    report = await services.plans.report(caller.tenant_id)
    return plan(report, await _url(services, caller, report) if report.billed else "")


async def _url(services: SlackServices, caller: Caller, report: PlanReport) -> str:
    if report.billing.plan is Plan.PRO:
        return await services.plans.open_portal(caller.tenant_id)
    return await services.plans.open_checkout(caller.tenant_id)


PLAN = Command(_plan, deed=always(Deed.MANAGE_PLAN))

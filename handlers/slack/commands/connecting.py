"""The conversation ``/dd0c connect``: what to do in AWS, then proof that it was done."""

import re

from blocks.card import Card
from blocks.connect import MANUAL, connected, setup
from blocks.plan import beyond_plan
from engine.command_line.options import Line
from engine.errors import InputError, NotFound, PlanLimit
from handlers.slack.context import Caller, SlackServices

_ACCOUNT_ID = re.compile(r"[0-9]{4}(-?)[0-9]{4}\1[0-9]{4}")  # AWS's console writes them with dashes.
_ARN_OF_ACCOUNT = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/\S+")
_USAGE = (
    "Say `/dd0c connect 123456789012` with the 12 digits of your AWS account, or, once its role is there, "
    "`/dd0c connect arn:aws:iam::123456789012:role/dd0c-cost-readonly`."
)


async def answer_connect(services: SlackServices, caller: Caller, line: Line) -> Card:
    """Take ``ACCOUNT_ID`` (with ``manual``: all documents), or ``ROLE_ARN`` (tries it and begins to watch)."""
    word, *rest = line.words or ("",)
    role = _ARN_OF_ACCOUNT.fullmatch(word)
    if role and not rest:
        return await _prove(services, caller, role.group(1), word)
    if _ACCOUNT_ID.fullmatch(word) and rest in ([], [MANUAL]):
        return await _set_up(services, caller, word.replace("-", ""), by_hand=bool(rest))
    raise InputError(_USAGE)


async def _set_up(services: SlackServices, caller: Caller, account_id: str, *, by_hand: bool) -> Card:
    try:
        return setup(await services.onboarding.set_up(caller.tenant_id, account_id), by_hand=by_hand)
    except PlanLimit as error:
        return beyond_plan(str(error), services.plans.upgrade_url)


async def _prove(services: SlackServices, caller: Caller, account_id: str, role_arn: str) -> Card:
    try:
        return connected(await services.onboarding.connect(caller.tenant_id, account_id, role_arn, caller.user_id))
    except PlanLimit as error:
        return beyond_plan(str(error), services.plans.upgrade_url)
    except NotFound:
        raise InputError(
            f"First say `/dd0c connect {account_id}`: the role needs the external id shown there."
        ) from None

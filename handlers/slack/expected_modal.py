"""*Expected...* in a card's menu: a modal asks by whom, up to what and until when, and records the verdict."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from blocks.anomaly_actions import anomaly_id_of, verdict_line
from blocks.card import Block
from blocks.expected_modal import (
    ANYBODY,
    CALLBACK,
    COUNTED,
    LIMIT,
    MOST_RUNNING,
    MOST_USD,
    QUANTITY,
    TOTAL,
    UNTIL,
    WHO,
    expected_modal,
    parse_day,
)
from engine.errors import InputError
from engine.models.verdict import Terms
from engine.roles import Deed
from engine.verdicts import may_judge
from handlers.slack.context import SlackServices, caller_of_action
from handlers.slack.guard import answered, is_repeated, teller
from handlers.slack.leftovers import require_connected
from handlers.slack.opening import open_modal

_LONGEST = timedelta(days=366)


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to the modal's button."""

    async def handle_expected(
        ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient
    ) -> None:
        terms, errors = parse_terms(view.get("state", {}).get("values", {}), services.clock())
        if terms is None:
            await ack(response_action="errors", errors=errors)
            return
        await ack()
        if await is_repeated(services, body):
            return
        channel_id, _, anomaly_id = str(view.get("private_metadata", "")).partition(" ")
        work = _record(services, body, anomaly_id, terms, client)
        await answered(work, teller(client, body, channel_id), "marking expected")

    app.view(CALLBACK)(handle_expected)


async def open_form(
    services: SlackServices, body: Mapping[str, Any], action: Mapping[str, Any], client: AsyncWebClient
) -> None:
    """Open the form, if there is anything left to judge."""
    await open_modal(client, body, _form(services, body, action), "Expected...")


async def _form(services: SlackServices, body: Mapping[str, Any], action: Mapping[str, Any]) -> Block:
    caller = await caller_of_action(body, services, Deed.ANSWER)
    anomaly = await services.verdicts.find(caller.tenant_id, anomaly_id_of(str(action.get("block_id", ""))))
    if not may_judge(anomaly):
        raise InputError(f"Nothing changed: {verdict_line(anomaly)}.")
    channel_id = str((body.get("channel") or {}).get("id", ""))
    return expected_modal(anomaly, services.clock(), channel_id)


async def _record(
    services: SlackServices, body: Mapping[str, Any], anomaly_id: str, terms: Terms, client: AsyncWebClient
) -> None:
    """Record the verdict and repaint the card; who comes second is told who was first."""
    caller = await caller_of_action(body, services, Deed.ANSWER)
    await require_connected(services, caller.tenant_id, anomaly_id, client, body)
    answer = await services.verdicts.mark_expected(caller.tenant_id, anomaly_id, caller.user_id, terms)
    if not answer.changed:
        raise InputError(f"Nothing changed: {verdict_line(answer.anomaly)}.")
    await services.homes.hasten(caller.tenant_id)
    await services.sender.deliver_one(caller.tenant_id, answer.anomaly.anomaly_id)


def parse_terms(values: Mapping[str, Any], now: datetime) -> tuple[Terms | None, dict[str, str]]:
    """Read the form; without terms, say under which field what is wrong."""
    limit, quantity = _number(_entered(values, LIMIT, "value")), _number(_entered(values, QUANTITY, "value"))
    total = _chosen(values, COUNTED) == TOTAL
    until, wrong_day = _until(_entered(values, UNTIL, "selected_date"), now)
    errors = wrong_day | _wrong_quantity(values, quantity, total=total)
    if not (total and quantity is not None and not _entered(values, LIMIT, "value")):
        errors |= _wrong_limit(limit)
    if errors:
        return None, errors
    terms = Terms(
        anybody=_chosen(values, WHO) == ANYBODY,
        max_hourly_cost=limit,
        until=until,
        all_running=total,
        max_quantity=None if quantity is None else int(quantity),
    )
    return terms, {}


def _wrong_limit(limit: float | None) -> dict[str, str]:
    if limit is not None and 0 < limit <= MOST_USD:
        return {}
    return {LIMIT: f"Give dollars an hour, more than 0 and at most {MOST_USD:,}."}


def _wrong_quantity(values: Mapping[str, Any], quantity: float | None, *, total: bool) -> dict[str, str]:
    entered = _entered(values, QUANTITY, "value")
    if entered and not total:
        return {QUANTITY: "A number at a time is for all that runs: choose that above, or leave this empty."}
    if entered and (quantity is None or not quantity.is_integer() or not 1 <= quantity <= MOST_RUNNING):
        return {QUANTITY: f"Give a whole number from 1 to {MOST_RUNNING:,}, or nothing."}
    return {}


def _until(chosen: str, now: datetime) -> tuple[datetime | None, dict[str, str]]:
    """The end of the chosen day; None for no end, or with what is wrong about it."""
    day = parse_day(chosen) if chosen else None
    until = None if day is None else datetime.combine(day, time.max, UTC)
    if chosen and (until is None or not now < until <= now + _LONGEST):
        return None, {UNTIL: "Choose a day from today on, at most a year ahead."}
    return until, {}


def _chosen(values: Mapping[str, Any], field: str) -> Any:
    return (values.get(field, {}).get(field, {}).get("selected_option") or {}).get("value")


def _entered(values: Mapping[str, Any], field: str, key: str) -> str:
    return str(values.get(field, {}).get(field, {}).get(key) or "")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None

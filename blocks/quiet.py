"""The answers to ``/dd0c expect`` and ``/dd0c snoozes``."""

from blocks.card import Block, Card, context, header, section
from blocks.command_buttons import buttons, command_button
from blocks.money import per_hour
from blocks.text import code, count, escape, mention, plain, short_actor, when
from engine.models.quiet import Declared, QuietList, QuietPattern

_SHOWN = 20
_TYPES_SHOWN = 3
_SHORT_ID = 8
_HOW = "`/dd0c snoozes end ID` takes one back. `/dd0c expect` declares what is about to start."


def declared(said: Declared) -> Card:
    """Say how a declaration was understood, and how to take it back."""
    one = said.expectation
    limits = _limits(one.max_quantity, one.max_hourly_cost)
    until = f" {when(one.until, 'until')}" if one.until else ""
    text = (
        f"Expected{until}: {code(one.resource_types[0], 60)} in {escape(said.account_name, 60) or '-'}, by anybody, "
        f"{limits} running at a time. It stays silent, and what goes beyond it alerts."
    )
    running = f"Running now: {said.running.quantity:,}, {per_hour(said.running.hourly_cost)}."
    doubt = [section("doubt", asked)] if (asked := escape(said.doubt, 400)) else []
    end = command_button("end", "Take back", f"snoozes end {plain(one.expectation_id, 100)}")
    return Card(text, [section("declared", text), *doubt, *buttons("end", [end]), context("now", [running])])


def quiet_list(view: QuietList) -> Card:
    """List what is silent by somebody's word, each with a button that ends it."""
    ended = [section("ended", f"Ended: {_what(view.ended)}.")] if view.ended is not None else []
    if not view.patterns:
        quiet = "Nothing is snoozed or expected: everything alerts as scored."
        return Card(quiet, [*ended, section("none", quiet), context("how", [_HOW])])
    summary = f"{count(len(view.patterns), 'pattern stays', 'patterns stay')} silent"
    rows = [pattern_section(f"row:{number}", one) for number, one in enumerate(view.patterns[:_SHOWN])]
    rest = len(view.patterns) - _SHOWN
    more = f"And {rest:,} more. " if rest > 0 else ""
    return Card(summary, [header("Snoozed and expected"), *ended, *rows, context("how", [more + _HOW])])


def pattern_section(block_id: str, one: QuietPattern, *, may_end: bool = True) -> Block:
    """What is silent by whose word until when, with a button that ends it for who may."""
    until = f" {when(one.until, 'until')}" if one.until is not None else ", without an end"
    row = section(block_id, f"{_what(one)}{until}\nby {mention(one.created_by)} · {_short_id(one)}")
    if may_end:
        label = "Wake up" if one.is_snooze else "Take back"
        row["accessory"] = command_button(f"end-{block_id}", label, f"snoozes end {plain(one.pattern_id, 100)}")
    return row


def _what(one: QuietPattern) -> str:
    """Which launches: by whom, of what, where, and up to what."""
    names = [code(name, 60) for name in one.resource_types[:_TYPES_SHOWN]]
    if rest := len(one.resource_types) - len(names):
        names.append(f"{rest:,} more")
    who = escape(short_actor(one.actor_key), 100) if one.actor_key else "anybody"
    word = "Snoozed" if one.is_snooze else "Expected"
    launches = f"*{word}:* {', '.join(names) or 'anything'} by {who} in {escape(one.account_name, 60) or '-'}"
    if one.is_snooze:
        return launches
    scope = "running at a time" if one.all_running else "per launch"
    return f"{launches}, {_limits(one.max_quantity, one.max_hourly_cost)} {scope}"


def _limits(quantity: int | None, hourly_cost: float | None) -> str:
    limits = [f"up to {quantity:,}"] if quantity is not None else []
    if hourly_cost is not None:
        limits.append(f"up to {per_hour(hourly_cost)}")
    return " and ".join(limits) or "at any price"


def _short_id(one: QuietPattern) -> str:
    return code(one.pattern_id[:_SHORT_ID])

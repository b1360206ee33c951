"""Something expensive is new, and nobody uses it."""

from blocks.card import Card, context, paragraphs, repeat_note
from blocks.money import usd
from blocks.text import code, escape, mention
from engine.models.post import BirthNotice

_STOPS = ("stop-", "pause-")
_OF_MEMBERS = "delete-db-instance"


def birth_notice(notice: BirthNotice, *, may_repeat: bool = False) -> Card:
    """Say what it is, who made it, what it costs, that nobody uses it, and how to end it."""
    hours = int(notice.hours)
    what = f"{escape(notice.resource_type, 60)} {escape(notice.resource_id, 120)}"
    rate = f"{usd(notice.hourly_cost)} an hour"
    text = f"Is this still needed? {what} has run for {hours} hours at {rate}, and nobody has used it."
    where = f"{escape(notice.region, 30)} of account {escape(notice.account_name, 80)}"
    so_far = f"about {usd(notice.hourly_cost * notice.hours)} so far"
    lines = [
        f"*{text}*",
        f"Started by {_maker(notice)} at {notice.since:%Y-%m-%d %H:%M} UTC in {where}; {so_far}.",
        f"No use seen since its first hour: {escape('; '.join(notice.measured), 600)}.",
        *_others(notice),
        *_how(notice.command),
    ]
    keep = context("keep", ["Needed? Then there is nothing to do: this is said once."])
    return Card(text, [*paragraphs("birth", lines), keep, *repeat_note(may_repeat=may_repeat)])


def _maker(notice: BirthNotice) -> str:
    return mention(notice.user_id) if notice.user_id else escape(notice.actor_name, 80)


def _others(notice: BirthNotice) -> list[str]:
    if not notice.others:
        return []
    return [f"{notice.others:,} more of the same start idle as well, at {usd(notice.others_hourly_cost)} an hour."]


def _how(command: str) -> list[str]:
    if not command:
        return []
    operation = "".join(command.split()[2:3])
    note = ""
    if operation.startswith(_STOPS):
        note = " It can be started again; its storage is billed on."
    elif operation == _OF_MEMBERS:
        note = " Its cluster keeps the data."
    return [f"Not needed? {code(command, 400)}{note}"]

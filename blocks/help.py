"""The answers to ``/dd0c help`` and to words nobody knows."""

from collections.abc import Iterable

import msgspec

from blocks.card import Block, Card, header, section
from blocks.text import clean, code
from engine.command_line.nearest import nearest


class Usage(msgspec.Struct, frozen=True):
    """What a command is for, how it is written, and one line that works."""

    about: str
    forms: tuple[str, ...]
    example: str


COMMANDS = {
    "status": Usage("what is watched, how far learning is, and what is wrong", ("status",), "status"),
    "anomalies": Usage(
        "what was unusual in the last days",
        (
            "anomalies [--since 7d] [--severity info|warning|critical] [--account A] [--open]",
            "anomalies --suppressed [...]",
        ),
        "anomalies --since 30d --severity warning --open",
    ),
    "explain": Usage("why one anomaly was told or not, and what became of it", ("explain ID",), "explain 7f3a91c2"),
    "digest": Usage(
        "the last day in sums, and when it comes by itself",
        ("digest", "digest on [09:00] [ZONE]", "digest weekly [Mon] [09:00] [ZONE]", "digest off"),
        "digest on 09:00 Europe/Berlin",
    ),
    "spend": Usage(
        "what runs, what the month comes to, and how far AWS's bill agrees",
        (
            "spend [--by service|account|actor|tag KEY] [--since 7d] [--page N]",
            "spend budget",
            "spend budget ACCOUNT|ACTOR $USD|off",
        ),
        "spend --by actor --since 30d",
    ),
    "zombies": Usage(
        "what runs and is not used, what it costs, and how to end it",
        (
            "zombies [--account A] [--hidden]",
            "zombies keep ID [SPAN] [REASON]",
            "zombies planned ID",
            "zombies not-idle ID",
            "zombies undo ID",
        ),
        "zombies --account prod",
    ),
    "expect": Usage(
        "declare what is about to start, so that it stays silent",
        ("expect [COUNT] TYPE [until WHEN | for SPAN] [$USD/h] [--account A]",),
        "expect 8 p5.48xlarge until Fri $450/h",
    ),
    "snoozes": Usage("what is snoozed or expected, and how to end it", ("snoozes", "snoozes end ID"), "snoozes"),
    "pause": Usage("panic mode: score and log everything, send nothing", ("pause",), "pause"),
    "resume": Usage("alert again, with one summary of what was found meanwhile", ("resume",), "resume"),
    "settings": Usage(
        "how readily accounts, services and types alert, where cards go, and who may do what",
        (
            "settings",
            "settings sensitivity low|medium|high [--account A] [--service S] [--type T]",
            "settings mode strict|default [--account A]",
            "settings route [ACCOUNT] [critical|warning] #CHANNEL|off",
            "settings budget CARDS_A_DAY|off",
            "settings zombies [THRESHOLD NUMBER|default]",
            "settings role [@PERSON admin|responder|viewer]",
        ),
        "settings sensitivity low --account prod --service rds",
    ),
    "accounts": Usage("the connected AWS accounts, one line each", ("accounts",), "accounts"),
    "connect": Usage("watch one more AWS account", ("connect ACCOUNT_ID", "connect ROLE_ARN"), "connect 123456789012"),
    "disconnect": Usage(
        "stop watching an AWS account and delete its data",
        ("disconnect ACCOUNT_ID", "disconnect ACCOUNT_ID ACCOUNT_ID"),
        "disconnect 123456789012",
    ),
    "plan": Usage("what this workspace pays for, and the way to more or less", ("plan",), "plan"),
    "help": Usage("this list, or how one command is written", ("help", "help COMMAND"), "help anomalies"),
}
_SHARE = "Only you see an answer; `--share` behind a command shows it to the channel."
_ABOUT = "Expensive AWS mistakes are posted here minutes after they happen. Answer with the buttons on their cards."


def help_card() -> Card:
    """List the commands."""
    return Card("Commands: " + ", ".join(f"/dd0c {word}" for word in COMMANDS), _list())


def _list() -> list[Block]:
    lines = [f"`/dd0c {word}`  {usage.about}" for word, usage in COMMANDS.items()]
    return [
        header("What dd0c can do"),
        section("about", f"{_ABOUT}\n{_SHARE} `/dd0c help COMMAND` tells more about one."),
        section("commands", "\n".join(lines)),
    ]


def help_on(word: str) -> Card:
    """Say how one command is written, with an example; a word nobody knows gets the whole list.

    >>> help_on("status").text
    '/dd0c status: what is watched, how far learning is, and what is wrong'
    """
    usage = COMMANDS.get(word.lower())
    if usage is None:
        unknown = unknown_command(word)
        return Card(unknown.text, [*unknown.blocks, *_list()])
    forms = "\n".join(f"`/dd0c {form}`" for form in usage.forms)
    return Card(
        f"/dd0c {word.lower()}: {usage.about}",
        [
            header(f"/dd0c {word.lower()}"),
            section("about", f"{usage.about[0].upper()}{usage.about[1:]}."),
            section("forms", f"{forms}\nFor example `/dd0c {usage.example}`. {_SHARE}"),
        ],
    )


def unknown_command(word: str, known: Iterable[str] = tuple(COMMANDS)) -> Card:
    """Say that a word is not known, and which one may have been meant.

    >>> unknown_command("staus").text
    'There is no `/dd0c staus`. Did you mean `/dd0c status`?'
    """
    asked = code(f"/dd0c {word}", 80)
    near = nearest(clean(word[:80]), known)
    hint = f"Did you mean {code(f'/dd0c {near}')}?" if near else "`/dd0c help` lists what there is."
    text = f"There is no {asked}. {hint}"
    return Card(text, [section("unknown", text)])

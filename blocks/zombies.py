"""The answer to ``/dd0c zombies``: what is idle, the dearest first, with buttons for what people say of it."""

from collections.abc import Sequence

from blocks.card import MESSAGE_LIMIT, SECTION_LIMIT, Block, Card, context, fitting, header, section, size
from blocks.command_buttons import buttons, command_button
from blocks.money import usd
from blocks.preflight import made_by_line
from blocks.text import code, count, escape, mention, when
from engine.zombies.models import Finding, Scan, Totals, VerdictKind
from engine.zombies.own_thresholds import is_own
from engine.zombies.report import ZombieList
from engine.zombies.rules import BY_NAME, title_of

KEEP_DAYS = 30
_TROUBLES_SHOWN = 3
_EVIDENCE_SHOWN = 4
_COMMANDS_SHOWN = 4  # No rule has more, and a way that ends in its middle leads nowhere.
_SHOWN = 20  # Two blocks each; Slack takes fifty.


def zombie_list(view: ZombieList) -> Card:
    """List a page of findings."""
    summary = _summary(view)
    around = [header("Idle resources"), section("counts", summary)], [*_paging(view), *_small_print(view)]
    room = MESSAGE_LIMIT - size([*around[0], *around[1]])
    rows: list[Block] = []
    for number, finding in enumerate(view.rows[:_SHOWN]):
        drawn = _finding(finding, view, number)
        room -= size(drawn)
        if room < 0:
            break
        rows += drawn
    return Card(summary, [*around[0], *rows, *around[1]])


def said(finding: Finding) -> Card:
    """Confirm a verdict."""
    verdict, what = finding.verdict, code(finding.resource_id, 100)
    if verdict is None:
        text = f"What was said of {what} is taken back: it is listed for as long as it is idle."
    elif verdict.kind is VerdictKind.KEEP and verdict.until is not None:
        text = f"{what} is kept {when(verdict.until, 'until')}; until then it is not listed."
    elif verdict.kind is VerdictKind.DELETE_PLANNED:
        ends = _ends(finding)
        text = f"{what} is marked: {'deleting' if ends else 'changing'} it is planned. It stays listed until "
        text += "it is gone." if ends else "that is done."
    else:
        text = f"{what} is not idle: no rule finds it any more. `/dd0c zombies --hidden` lists what is hidden so."
    back = command_button("back", "Back to the list", "zombies")
    undo = [command_button("undo", "Undo", f"zombies undo {finding.finding_id}")] if verdict else []
    return Card(text, [section("said", text), *buttons("list", [*undo, back])])


def _summary(view: ZombieList) -> str:
    where = f" in {escape(view.account, 60)}" if view.account else ""
    if not view.scans and not view.again:
        return "No account was looked at yet. The first look begins as soon as an account's history is learned."
    if view.hidden:
        return f"{count(view.totals.count, 'idle resource')}{where} that you keep or called not idle."
    if not view.totals.count:
        is_known = any(one.ended_at is not None for one in view.scans)
        return f"{'Nothing is idle' if is_known else 'Nothing is found so far'}{where}.{_saved(view.saved)}"
    unpriced = f", {view.totals.unpriced:,} of them without a known price" if view.totals.unpriced else ""
    found = count(view.totals.count, "idle resource", "idle resources")
    return f"*{usd(view.totals.monthly_cost)} a month*: {found}{where}{unpriced}.{_saved(view.saved)}"


def _saved(saved: Totals) -> str:
    if not saved.count:
        return ""
    return f" {saved.count:,} went away in the last 30 days, which saves {usd(saved.monthly_cost)} a month."


def _finding(finding: Finding, view: ZombieList, number: int) -> list[Block]:
    title = title_of(finding.rule)
    named = f" {escape(finding.name, 80)}" if finding.name and finding.name != finding.resource_id else ""
    account = escape(view.names.get(finding.account_id, finding.account_id), 60)
    price = f"*{usd(finding.monthly_cost)} a month*" if finding.monthly_cost is not None else "price not known"
    lines = [
        f"*{escape(title[:1].upper() + title[1:])}*{named} {code(finding.resource_id, 120)}",
        f"{price} · {account} · {code(finding.region, 40)} · {_owner(finding)}",
        f"{_evidence(finding)} ({finding.confidence.value} confidence{_own_threshold(finding)})",
        *_said(finding, hidden=view.hidden),
        *made_by_line(finding.tags),
        *(code(command, 500) for command in finding.commands[:_COMMANDS_SHOWN]),
    ]
    offered = _buttons(finding, number, hidden=view.hidden)
    return [
        section(f"zombie:{number}", "\n".join(fitting(lines, SECTION_LIMIT))),
        *buttons(f"verdicts:{number}", offered),
    ]


def _evidence(finding: Finding) -> str:
    return "; ".join(escape(one, 300) for one in finding.evidence[:_EVIDENCE_SHOWN])


def _owner(finding: Finding) -> str:
    if finding.owner is None:
        return "owner not known"
    name = escape(finding.owner.name, 80)
    return f"created by {name}" if finding.owner.actor_key else f"{name} (by {escape(finding.owner.source, 60)})"


def _own_threshold(finding: Finding) -> str:
    rule = BY_NAME.get(finding.rule)
    is_yours = rule is not None and is_own(rule, finding.threshold)
    return f"; your own threshold: {escape(finding.threshold, 200)}" if is_yours else ""


def _ends(finding: Finding) -> bool:
    """Whether what is proposed is to delete it; some rules propose a change."""
    rule = BY_NAME.get(finding.rule)
    return rule is None or rule.ends


def _said(finding: Finding, *, hidden: bool) -> list[str]:
    """Who said what of it, and why. What was kept until some day is listed again from then on."""
    verdict = finding.verdict
    if verdict is None:
        return []
    match verdict.kind:
        case VerdictKind.DELETE_PLANNED:
            deed = f"plans to {'delete' if _ends(finding) else 'change'} it"
        case VerdictKind.NOT_IDLE:
            deed = "called it not idle"
        case VerdictKind.KEEP:
            until = f" {when(verdict.until, 'until')}" if verdict.until is not None else ""
            deed = f"{'keeps' if hidden else 'kept'} it{until}"
    reason = f": {escape(verdict.reason, 300)}" if verdict.reason else ""
    return [f"{mention(verdict.by)} {deed}{reason}"]


def _buttons(finding: Finding, number: int, *, hidden: bool) -> list[Block]:
    """What a click does is a line behind ``/dd0c``, so roles are asked as for every line."""
    named = finding.finding_id
    undo = [command_button(f"undo_{number}", "Undo", f"zombies undo {named}")] if finding.verdict else []
    if hidden:
        return undo
    return [
        *undo,
        command_button(
            f"planned_{number}", f"{'Delete' if _ends(finding) else 'Change'} planned", f"zombies planned {named}"
        ),
        command_button(f"keep_{number}", f"Keep {KEEP_DAYS} days", f"zombies keep {named} {KEEP_DAYS}d"),
        command_button(f"not_idle_{number}", "Not idle", f"zombies not-idle {named}"),
    ]


def _paging(view: ZombieList) -> list[Block]:
    account = f" --account {view.account}" if view.account else ""
    line = f"zombies{account}{' --hidden' if view.hidden else ''} --page"
    elements = []
    if view.page > 1:
        elements.append(command_button("previous", "Dearer", f"{line} {view.page - 1}"))
    if view.page < view.pages:
        elements.append(command_button("next", "Cheaper", f"{line} {view.page + 1}"))
    return buttons("paging", elements)


def _small_print(view: ZombieList) -> list[Block]:
    texts = [f"Page {view.page:,} of {view.pages:,}."] if view.pages > 1 else []
    texts += _looks(view)
    texts += _rest(view.scans)
    texts += _troubles(view.scans)
    texts.append("Nothing is ever changed in your accounts: commands are for you to run, the most harmless first.")
    return [context("more", [" ".join(texts)])]


def _looks(view: ZombieList) -> list[str]:
    ended = [one.ended_at for one in view.scans if one.ended_at is not None]
    texts = [f"Looked at {when(min(ended), 'last')}."] if ended else []
    now = sum(one.is_under_way for one in view.scans)
    if view.again:
        again = count(view.again, "account is", "accounts are")
        texts.append(
            f"{again} being looked at now, which takes some minutes: a direct message tells you what came of it."
        )
    elif now:
        texts.append(f"{count(now, 'account is', 'accounts are')} being looked at now, which takes some minutes.")
    else:
        texts.append("Asking looks again, at each account once an hour at most.")
    failed = [one for one in view.scans if one.error]
    for one in failed[:_TROUBLES_SHOWN]:
        name = escape(view.names.get(one.account_id, one.account_id), 60)
        texts.append(f"The last look at {name} came to nothing: {escape(one.error, 200)}.")
    return texts


def _rest(scans: Sequence[Scan]) -> list[str]:
    left = [one for scan in scans for one in scan.rest]
    if not left:
        return []
    total, money = sum(one.count for one in left), sum(one.monthly_cost for one in left)
    return [f"{total:,} cheaper ones of the same kinds are only counted: {usd(money)} a month."]


def _troubles(scans: Sequence[Scan]) -> list[str]:
    troubles = [one for scan in scans for one in scan.troubles]
    if not troubles:
        return []
    shown = [f"{escape(one.family, 40)} in {escape(one.region, 40)}: {escape(one.error, 120)}" for one in troubles]
    more = f" and {len(troubles) - _TROUBLES_SHOWN:,} more" if len(troubles) > _TROUBLES_SHOWN else ""
    return [f"Could not be seen: {'; '.join(shown[:_TROUBLES_SHOWN])}{more}."]

"""Asks the person behind an incident whether it was theirs, and tells the card's thread when that is no or silence."""

import logging
from collections.abc import Callable
from datetime import datetime

import msgspec

from engine.asking import PATIENCE, corrected, is_moot, is_waiting, settled, with_question, withdrawn
from engine.errors import AccessDenied, Conflict, InputError, NotFound
from engine.models.anomaly import Anomaly
from engine.models.asking import Ask, AskState
from engine.models.audit import ITSELF, AuditAction, AuditRecord
from engine.models.delivery import DeliveryState, SlackMessage
from engine.models.post import Post, Question, Withdrawal
from services.ports import Accounts, Amendments, Anomalies, Clock, NewId, People, Posts
from services.question_posts import escalation_post, question_id, question_post
from services.question_rules import require_answerable, require_open_question, require_other_answer, require_waiting

_log = logging.getLogger(__name__)
_ATTEMPTS = 5
_NO_SCOPE = (
    "dd0c/cost may not look people up in this workspace, so it cannot make sure that it asks a colleague and no guest "
    "from elsewhere. Whoever installed the app can install it again and grant users:read."
)
_STRANGER = "Nobody was asked: only people of this workspace can be, no bots, nobody who left, nobody from elsewhere."

_Change = Callable[[Anomaly, datetime], "_Amendment"]


class _Amendment(msgspec.Struct, frozen=True):
    after: Anomaly
    record: AuditRecord | None = None
    post: Post | None = None
    withdrawal: Withdrawal | None = None


class Asking:
    """Every change is one transaction with the message that follows from it, so none is said twice or forgotten."""

    def __init__(
        self,
        *,
        anomalies: Anomalies,
        amendments: Amendments,
        accounts: Accounts,
        people: People,
        posts: Posts,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._anomalies = anomalies
        self._amendments = amendments
        self._accounts = accounts
        self._people = people
        self._posts = posts
        self._clock = clock
        self._new_id = new_id

    async def ask(self, tenant_id: str, anomaly_id: str, asked_by: str, user_id: str, card: SlackMessage) -> Anomaly:
        """Send somebody the question. ``card`` is where silence will be told of.

        Raises InputError, with what to say, when nobody is to be asked (any more), and NotFound.
        """
        await self._require_colleague(tenant_id, user_id)
        found = await self._anomalies.find_anomaly(tenant_id, anomaly_id)
        account = await self._accounts.find_account(tenant_id, found.account_id)
        ask_id = self._new_id()

        def change(anomaly: Anomaly, now: datetime) -> _Amendment:
            require_open_question(anomaly)
            ask = Ask(
                ask_id=ask_id,
                user_id=user_id,
                asked_by=asked_by,
                asked_at=now,
                answer_by=now + PATIENCE,
                channel_id=card.channel_id,
                message_ts=card.message_ts,
            )
            record = _record(anomaly, AuditAction.ACTOR_ASKED, asked_by, now, {"asked": user_id, "ask_id": ask_id})
            return _Amendment(with_question(anomaly, ask), record, question_post(anomaly, ask, account.name))

        return await self._amend(tenant_id, anomaly_id, change)

    async def require_open(self, tenant_id: str, anomaly_id: str) -> None:
        """Raise InputError, with what to say, when nobody is to be asked (any more), and NotFound."""
        require_open_question(await self._anomalies.find_anomaly(tenant_id, anomaly_id))

    async def answer(self, tenant_id: str, anomaly_id: str, ask_id: str, user_id: str, answer: AskState) -> Anomaly:
        """Record what somebody answers; "not mine" is told in the card's thread.

        Raises InputError, with what to say, for an answer by another person, a second one and a late one, and NotFound.
        """

        def change(anomaly: Anomaly, now: datetime) -> _Amendment:
            ask = require_answerable(anomaly, ask_id, user_id)
            details: dict[str, str | int] = {"answer": answer.value, "ask_id": ask_id}
            record = _record(anomaly, AuditAction.ACTOR_ANSWERED, user_id, now, details)
            post = escalation_post(anomaly, ask, now, answer) if answer is AskState.NOT_MINE else None
            return _Amendment(settled(anomaly, answer, now), record, post)

        return await self._amend(tenant_id, anomaly_id, change)

    async def correct(self, tenant_id: str, anomaly_id: str, ask_id: str, user_id: str, answer: AskState) -> Anomaly:
        """Undo somebody's answer for the other one, which is told in the card's thread.

        Raises InputError, with what to say, for another person, the same answer and a late one, and NotFound.
        """

        def change(anomaly: Anomaly, now: datetime) -> _Amendment:
            require_other_answer(anomaly, ask_id, user_id, answer)
            details: dict[str, str | int] = {"answer": answer.value, "ask_id": ask_id}
            record = _record(anomaly, AuditAction.ACTOR_ANSWERED, user_id, now, details)
            after = corrected(anomaly, answer, now)
            post = escalation_post(anomaly, after.asked, now, answer) if after.asked else None
            return _Amendment(after, record, post)

        return await self._amend(tenant_id, anomaly_id, change)

    async def withdraw(self, tenant_id: str, anomaly_id: str, ask_id: str, user_id: str) -> Anomaly:
        """Take a question back that waits for its answer: it can be answered no more, and silence is told to nobody.

        Raises InputError, with what to say, for one that does not wait any more, and NotFound.
        """

        def change(anomaly: Anomaly, now: datetime) -> _Amendment:
            ask = require_waiting(anomaly, ask_id)
            details: dict[str, str | int] = {"asked": ask.user_id, "ask_id": ask_id}
            record = _record(anomaly, AuditAction.QUESTION_WITHDRAWN, user_id, now, details)
            gone = Withdrawal(question_id(anomaly, ask), user_id)
            return _Amendment(withdrawn(anomaly, user_id, now), record, withdrawal=gone)

        return await self._amend(tenant_id, anomaly_id, change)

    async def settle_due(self, limit: int = 100) -> int:
        """Tell of those who kept silent, and drop questions that nobody needs answered; gives how many were settled."""
        done = 0
        for tenant_id, waiting in await self._amendments.find_waiting(limit):
            now = self._clock()
            if is_moot(waiting):
                done += await self._settle(tenant_id, waiting, AskState.DROPPED)
            elif await self._is_undeliverable(tenant_id, waiting):
                done += await self._settle(tenant_id, waiting, AskState.UNREACHED)
            elif waiting.asked is not None and waiting.asked.answer_by <= now:
                done += await self._settle(tenant_id, waiting, AskState.SILENT)
        return done

    async def tell_unreached(self, tenant_id: str, asked: Question) -> None:
        """Tell at once of a question that was given up; the thread hears it once, for ``settle_due`` does the same."""
        try:
            waiting = await self._anomalies.find_anomaly(tenant_id, asked.anomaly_id)
        except NotFound:
            return
        if waiting.asked is not None and waiting.asked.ask_id == asked.ask_id and is_waiting(waiting):
            await self._settle(tenant_id, waiting, AskState.DROPPED if is_moot(waiting) else AskState.UNREACHED)

    async def _is_undeliverable(self, tenant_id: str, waiting: Anomaly) -> bool:
        """Whether the question was given up, which a process may have died before telling."""
        if waiting.asked is None:
            return False
        post = await self._posts.find_post(tenant_id, question_id(waiting, waiting.asked))
        return post is not None and post.state is DeliveryState.DEAD

    async def _settle(self, tenant_id: str, waiting: Anomaly, state: AskState) -> bool:
        """Settle it as it was read; who changed it meanwhile may have answered, so it is looked at again next turn."""
        now, ask = self._clock(), waiting.asked
        post, record = None, None
        over = Withdrawal(question_id(waiting, ask), ITSELF) if ask and state is not AskState.UNREACHED else None
        if ask is not None and state is not AskState.DROPPED:
            post = escalation_post(waiting, ask, now, state)
            details: dict[str, str | int] = {"answer": state.value, "ask_id": ask.ask_id}
            record = _record(waiting, AuditAction.ACTOR_ANSWERED, ITSELF, now, details)
        after = settled(waiting, state, now)
        try:
            await self._amendments.amend(
                tenant_id, before=waiting, after=after, record=record, post=post, withdrawal=over, now=now
            )
        except Conflict:
            _log.info("anomaly %s changed while a question about it ended", waiting.anomaly_id)
            return False
        return True

    async def _amend(self, tenant_id: str, anomaly_id: str, change: _Change) -> Anomaly:
        """Read, decide, write; who changed it in between makes us decide again on what it is now."""
        for attempt in range(_ATTEMPTS):
            before = await self._anomalies.find_anomaly(tenant_id, anomaly_id)
            now = self._clock()
            made = change(before, now)
            try:
                await self._amendments.amend(
                    tenant_id,
                    before=before,
                    after=made.after,
                    record=made.record,
                    post=made.post,
                    withdrawal=made.withdrawal,
                    now=now,
                )
            except Conflict:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return made.after
        raise AssertionError("the last attempt returned or raised")

    async def _require_colleague(self, tenant_id: str, user_id: str) -> None:
        """What the question tells is for nobody outside."""
        try:
            person = await self._people.fetch_person(tenant_id, user_id)
        except AccessDenied as error:
            raise InputError(_NO_SCOPE) from error
        except NotFound as error:
            raise InputError(_STRANGER) from error
        if not person.may_be_asked:
            raise InputError(_STRANGER)


def _record(anomaly: Anomaly, action: AuditAction, by: str, at: datetime, details: dict[str, str | int]) -> AuditRecord:
    named = {"anomaly_id": anomaly.anomaly_id, **details}
    return AuditRecord(at=at, action=action, actor=by, account_id=anomaly.account_id, details=named)

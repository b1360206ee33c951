"""The messages that a question makes: to the person who is asked, and to the card's thread."""

from datetime import datetime

from engine.models.anomaly import Anomaly
from engine.models.asking import Ask, AskState
from engine.models.delivery import DeliveryState
from engine.models.post import Escalation, Post, Question


def question_post(anomaly: Anomaly, ask: Ask, account_name: str) -> Post:
    content = Question(
        anomaly_id=anomaly.anomaly_id,
        ask_id=ask.ask_id,
        asked_by=ask.asked_by,
        answer_by=ask.answer_by,
        account_id=anomaly.account_id,
        account_name=account_name,
        lines=anomaly.lines,
        hourly_cost=anomaly.hourly_cost,
        upfront_cost=anomaly.upfront_cost,
        unknown_price=anomaly.unknown_price,
        started_at=anomaly.first_event_time,
    )
    return Post(
        post_id=question_id(anomaly, ask),
        account_id=anomaly.account_id,
        content=content,
        channel_id=ask.user_id,
        state=DeliveryState.PENDING,
        due_at=ask.asked_at,
        created_at=ask.asked_at,
    )


def question_id(anomaly: Anomaly, ask: Ask) -> str:
    return f"question/{anomaly.anomaly_id}/{ask.ask_id}"


def escalation_post(anomaly: Anomaly, ask: Ask, now: datetime, state: AskState) -> Post:
    """Who was not reached may be by another try, and answer after all: that is one more thing to tell."""
    is_unreached = state is AskState.UNREACHED
    content = Escalation(
        user_id=ask.user_id,
        asked_by=ask.asked_by,
        asked_at=ask.asked_at,
        is_silent=state is AskState.SILENT,
        is_unreached=is_unreached,
        is_taken_back=state is AskState.MINE,
    )
    number = f"/{ask.corrections}" if ask.corrections else ""
    return Post(
        post_id=f"{'unreached' if is_unreached else 'escalation'}/{anomaly.anomaly_id}/{ask.ask_id}{number}",
        account_id=anomaly.account_id,
        content=content,
        channel_id=ask.channel_id,
        thread_ts=ask.message_ts,
        state=DeliveryState.PENDING,
        due_at=now,
        created_at=now,
    )

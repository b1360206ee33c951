"""One anomaly explained, whatever it is made of."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.anomaly_actions import offered, verdict_line
from blocks.explanation import explanation
from engine.models.anomaly import AnomalyStatus, Decision, DecisionKind
from engine.models.delivery import Delivery, DeliveryState
from engine.models.search import Explanation
from engine.models.verdict import Verdict, VerdictKind
from tests.blocks.rules import problems, reading
from tests.blocks.samples import LEAKED_KEY, MOMENTS, NAMES, START, anomalies

VERDICTS = st.builds(
    Verdict,
    verdict_id=NAMES,
    anomaly_id=NAMES,
    account_id=NAMES,
    kind=st.sampled_from(VerdictKind),
    user_id=NAMES,
    at=MOMENTS,
    learned=st.booleans(),
)


def delivery(**changes: Any) -> Delivery:
    first = Delivery(
        anomaly_id="a",
        account_id="1",
        channel_id="",
        state=DeliveryState.PENDING,
        wanted=1,
        due_at=START,
        created_at=START,
    )
    return msgspec.structs.replace(first, **changes)


@given(
    anomalies(),
    NAMES,
    st.lists(VERDICTS, max_size=4),
    st.none()
    | st.builds(delivery, channel_id=NAMES, message_ts=NAMES, error=NAMES, state=st.sampled_from(DeliveryState)),
)
@settings(max_examples=60)
def test_any_explanation_is_a_message_slack_takes(
    anomaly: Any, name: str, verdicts: list[Verdict], sent: Delivery | None
) -> None:
    told = Explanation(anomaly=anomaly, account_name=name, verdicts=tuple(verdicts * 9), delivery=sent)
    assert problems(explanation(told)) == []


def test_a_suppressed_one_says_why() -> None:
    quiet = msgspec.structs.replace(LEAKED_KEY, decision=Decision(DecisionKind.LOG, "Alerting is paused."))
    text = reading(explanation(Explanation(anomaly=quiet, account_name="prod")))
    assert "Only logged: Alerting is paused." in text
    assert all(signal.text in text for signal in quiet.signals)


def test_a_card_that_was_given_up_says_so() -> None:
    lost = delivery(state=DeliveryState.DEAD, error="channel_not_found")
    text = reading(explanation(Explanation(anomaly=LEAKED_KEY, account_name="prod", delivery=lost)))
    assert "its card was given up: channel_not_found" in text


def test_a_snooze_that_ended_by_itself_was_nobodys_doing() -> None:
    ended = Verdict(
        verdict_id="v", anomaly_id="a", account_id="1", kind=VerdictKind.UNDONE, user_id="", at=START, learned=True
    )
    text = reading(explanation(Explanation(anomaly=LEAKED_KEY, account_name="prod", verdicts=(ended,))))
    assert "its snooze ended 2026-03-04 14:00 UTC" in text


def test_what_was_announced_says_by_whom_and_how_to_end_that() -> None:
    silent = msgspec.structs.replace(
        LEAKED_KEY,
        status=AnomalyStatus.EXPECTED,
        status_by="",
        expectation_id="x-1",
        decision=Decision(DecisionKind.LOG, "Expected, as U012AB3CD said."),
    )
    text = reading(explanation(Explanation(anomaly=silent, account_name="prod")))
    assert "Only logged: Expected, as <@U012AB3CD> said." in text
    assert "`/dd0c snoozes end x-1` ends that." in text
    assert (offered(silent), "an expectation covers it" in verdict_line(silent)) == ((), True)
    labelled = msgspec.structs.replace(silent, status_by="U012AB3CD")
    assert "snoozes end" not in reading(explanation(Explanation(anomaly=labelled, account_name="prod")))

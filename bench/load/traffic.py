"""What comes to a bot that many people use: commands, clicks and events, signed as Slack does, and reads of its API."""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from urllib.parse import urlencode

import msgspec

from bench.slack.crowd import LINES
from demo.aws_account.identities import assumed_role
from demo.aws_account.records import Record, Writer, create_log_stream, put_parameter, run_instances
from demo.slack_workspace import payloads
from demo.slack_workspace.models import Message
from demo.slack_workspace.signing import FORM, JSON, signature
from demo.stage import Stage

COMMAND, CLICK, EVENT, READ, INGEST = "command", "click", "event", "API read", "ingest"
# Of a hundred requests: a program that reads asks more often than people type.
_SHARES = {COMMAND: 15, CLICK: 15, EVENT: 20, READ: 50}
_CLICKS = ("anomaly.acknowledge", "anomaly.undo")
_BATCH = 100
_COST_BEARING = 10
_LATE = timedelta(minutes=2)


class Request(msgspec.Struct, frozen=True):
    """One request as it goes over the wire; Slack is acknowledged by 200, what is ingested is accepted by 202."""

    kind: str
    method: str
    path: str
    body: bytes
    headers: dict[str, str]
    expected: int = 200


class Traffic:
    """Requests in a mixed order that is the same every time; each is signed at the moment it is made."""

    def __init__(self, stage: Stage, card: Message, anomaly_id: str, key: str, answers: str) -> None:
        """``card`` is what is clicked on, ``key`` opens the API, below ``answers`` answers of commands are taken."""
        self._stage = stage
        self._card = card
        self._answers = answers
        self._authorization = {"Authorization": f"Bearer {key}"}
        self._reads = ("/v1/anomalies?limit=20", f"/v1/anomalies/{anomaly_id}", "/v1/accounts")
        self._numbers = itertools.count()
        rng = Random(7)  # noqa: S311 - an order of requests and made-up ids, no secrets
        kinds = [kind for kind, share in _SHARES.items() for _ in range(share)]
        rng.shuffle(kinds)
        self._kinds = itertools.cycle(kinds)
        self._writer = Writer(stage.account.account_id, rng)
        self._makers: dict[str, Callable[[int], Request]] = {
            COMMAND: self._command,
            CLICK: self._click,
            EVENT: self._event,
            READ: self._read,
        }

    def next(self) -> Request:
        """Make the next request."""
        return self._makers[next(self._kinds)](next(self._numbers))

    def batch(self) -> Request:
        """Make a batch of a hundred records of these minutes; one of ten bears cost, and none is unusual."""
        body = b"\n".join(msgspec.json.encode(record) for record in self._records())
        return Request(INGEST, "POST", "/v1/ingest", body, self._authorization, 202)

    def _records(self) -> Iterator[Record]:
        deploy = assumed_role(
            self._stage.account.account_id, "deploy", "run-1", source_ip="198.51.100.10", user_agent="Terraform"
        )
        at = datetime.now(UTC) - _LATE
        for number in range(_BATCH):
            scene = self._writer.scene(deploy, at, "us-east-1")
            if number < _COST_BEARING:
                yield run_instances(scene, "t3.micro", 1)
            else:
                yield put_parameter(scene, "/app/release") if number % 2 else create_log_stream(scene, "/aws/app")

    def _command(self, number: int) -> Request:
        fields = payloads.command_fields(
            self._stage.slack.state, self._stage.maria, self._stage.channel, f"/dd0c {LINES[number % len(LINES)]}"
        )
        more = {"response_url": f"{self._answers}{number}", "trigger_id": str(number)}
        return self._signed(COMMAND, "commands", urlencode(fields | more).encode(), FORM)

    def _click(self, number: int) -> Request:
        """Acknowledge a card, or take that back: it is recorded, and the card is repainted."""
        state = self._stage.slack.state
        action = _CLICKS[number % len(_CLICKS)]
        payload = payloads.interaction(state, "block_actions", self._stage.maria)
        payload |= payloads.in_message(state, self._card, self._stage.channel)
        element = next(one for one in self._buttons() if one["action_id"].startswith("anomaly."))
        used = {"action_id": action, "block_id": "actions", "type": "button", "value": element["value"]}
        payload |= {"actions": [{**used, "action_ts": str(number)}], "trigger_id": str(number)}
        payload["response_url"] = f"{self._answers}{number}"
        return self._signed(CLICK, "actions", urlencode({"payload": json.dumps(payload)}).encode(), FORM)

    def _buttons(self) -> list[dict[str, str]]:
        return [
            element
            for block in self._card.blocks
            for element in block.get("elements", [])
            if isinstance(element, dict) and element.get("value") and "action_id" in element
        ]

    def _event(self, _number: int) -> Request:
        """Somebody opens the bot's Home tab."""
        opened = {
            "type": "app_home_opened",
            "user": self._stage.maria.user_id,
            "channel": f"D{self._stage.maria.user_id[1:]}",
            "tab": "home",
        }
        body = json.dumps(payloads.event_envelope(self._stage.slack.state, opened)).encode()
        return self._signed(EVENT, "events", body, JSON)

    def _read(self, number: int) -> Request:
        return Request(READ, "GET", self._reads[number % len(self._reads)], b"", self._authorization)

    def _signed(self, kind: str, path: str, body: bytes, content_type: str) -> Request:
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._stage.slack.signing_secret, timestamp, body),
        }
        return Request(kind, "POST", f"/v1/slack/{path}", body, headers)

"""Work items as the bodies of SQS messages, and back; a queue is a place others may write to."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from engine.errors import UNREADABLE, InputError
from engine.models.work import WorkItem

ATTRIBUTES = ["ApproximateReceiveCount", "MessageGroupId", "SentTimestamp"]
_LARGEST_BODY = 4096
_ACCOUNT_ID = re.compile(r"\d{12}")


class Received(msgspec.Struct, frozen=True):
    """One message as SQS delivered it. ``receives`` counts deliveries, this one included."""

    message_id: str
    receipt: str
    group_id: str
    receives: int
    sent_at: datetime
    body: str


def received(message: Mapping[str, Any]) -> Received:
    """Take what we use out of an element of ReceiveMessage's answer that was asked for with ``ATTRIBUTES``."""
    attributes = message.get("Attributes", {})
    return Received(
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        group_id=attributes.get("MessageGroupId", ""),
        receives=int(attributes.get("ApproximateReceiveCount", 1)),
        sent_at=datetime.fromtimestamp(int(attributes.get("SentTimestamp", 0)) / 1000, UTC),
        body=message["Body"],
    )


def body_of(item: WorkItem) -> str:
    """Write an item as JSON.

    >>> from engine.models.work import WorkKind
    >>> body_of(WorkItem(WorkKind.POLL, "t-1", "111122223333"))
    '{"kind":"poll","tenant_id":"t-1","account_id":"111122223333"}'
    """
    return msgspec.json.encode(item).decode()


def item_of(message: Received) -> WorkItem:
    """Read an item. Raises InputError, which says what is wrong and quotes nothing of the body.

    The account must be the one whose messages SQS keeps in order, or two workers could work on it at once.
    """
    if len(message.body) > _LARGEST_BODY:
        raise InputError(f"its body has {len(message.body):,} characters, more than any work item")
    try:
        item = msgspec.json.decode(message.body, type=WorkItem)
    except msgspec.ValidationError:
        raise InputError("its body is no work item that this version knows") from None
    except UNREADABLE:
        raise InputError("its body is not JSON") from None
    if not _ACCOUNT_ID.fullmatch(item.account_id):
        raise InputError("its account id is not twelve digits")
    if item.account_id != message.group_id:
        raise InputError("it is about another account than its message group")
    return item

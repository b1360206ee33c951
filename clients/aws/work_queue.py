"""From credentials to the work queue between processes; nothing is sent before its first use."""

from collections.abc import Callable

from clients.aws.connect import AwsIdentity, open_session
from clients.aws.sqs_channel import SqsChannel
from clients.aws.sqs_operator import SqsOperator
from clients.aws.sqs_queue import SqsQueue


def connect_queue(identity: AwsIdentity, url: str, *, concurrency: int, new_id: Callable[[], str]) -> SqsQueue:
    """Give the queue at that address."""
    return SqsQueue(SqsChannel(open_session(identity), url), concurrency=concurrency, new_id=new_id)


def connect_operator(identity: AwsIdentity, url: str) -> SqsOperator:
    """Give an operator's view of the queue at that address."""
    return SqsOperator(SqsChannel(open_session(identity), url))

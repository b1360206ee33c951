"""The choice of the work queue: in this process, or on SQS between several."""

import logging

from bot.identity import new_id
from bot.sealing import key_finder
from bot.settings import CoreSettings
from clients.aws.connect import AwsIdentity
from clients.aws.sqs_operator import SqsOperator
from clients.aws.sqs_queue import SqsQueue
from clients.aws.work_queue import connect_operator, connect_queue
from clients.local_queue import LocalQueue
from engine.errors import InvalidSetting, UpstreamError
from store.connect import Store

_log = logging.getLogger(__name__)
_ACCOUNTS_AT_ONCE = 16


def aws_identity(settings: CoreSettings, store: Store | None = None) -> AwsIdentity:
    """Give the bot's own way into AWS; with a store, also the keys that it keeps for accounts without a role."""
    secret, token = settings.aws_secret_access_key, settings.aws_session_token
    return AwsIdentity(
        region=settings.aws_region,
        endpoint_url=settings.aws_endpoint_url,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=secret.get_secret_value() if secret else None,
        session_token=token.get_secret_value() if token else None,
        find_key=key_finder(settings, store),
    )


def build_queue(settings: CoreSettings) -> LocalQueue | SqsQueue:
    """Give the queue of ``dd0c serve``: between processes if one is named."""
    if settings.work_queue_url is not None:
        return build_shared_queue(settings)
    return LocalQueue(_ACCOUNTS_AT_ONCE)


def build_shared_queue(settings: CoreSettings) -> SqsQueue:
    """Give the queue between processes. Raises InvalidSetting when there is none."""
    return connect_queue(aws_identity(settings), _url(settings), concurrency=_ACCOUNTS_AT_ONCE, new_id=new_id)


def build_operator(settings: CoreSettings) -> SqsOperator:
    """Give what looks at the queue between processes. Raises InvalidSetting when there is none."""
    return connect_operator(aws_identity(settings), _url(settings))


async def look_at_queue(operator: SqsOperator) -> None:
    """Warn of a queue that is set up badly. Raises InvalidSetting when there is none at that address.

    One that does not answer now is no reason not to start: whatever uses it tries again.
    """
    try:
        fault = await operator.check()
    except UpstreamError as error:
        fault = str(error)
    if fault:
        _log.warning("%s docs/operations.md says how the queue is to be set up.", fault)


def _url(settings: CoreSettings) -> str:
    if settings.work_queue_url is None:
        raise InvalidSetting(
            "DD0C_WORK_QUEUE_URL is not set: there is no queue between processes, and `dd0c serve` does all work "
            "itself. To work in several processes, name an SQS FIFO queue there."
        )
    return settings.work_queue_url

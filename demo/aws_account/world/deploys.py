"""The weekly release: three new machines come up, the three before them go."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from demo.aws_account import records
from demo.aws_account.records import Record, Writer
from demo.aws_account.world import cast

DEPLOY_EVERY = timedelta(days=7)
DEPLOY_TYPE = "m5.2xlarge"
DEPLOY_COUNT = 3
_USUAL_HANDOVER = timedelta(minutes=8)


def deploy(
    writer: Writer, at: datetime, replaced: Sequence[str], handover: timedelta = _USUAL_HANDOVER
) -> list[Record]:
    """The launch first; then, if machines are replaced, their end, a `handover` later."""
    launch = records.run_instances(
        writer.scene(cast.DEPLOY, at, cast.DEPLOY_REGION), DEPLOY_TYPE, DEPLOY_COUNT, name="app"
    )
    if not replaced:
        return [launch]
    later = writer.scene(cast.DEPLOY, at + handover, cast.DEPLOY_REGION)
    return [launch, records.terminate_instances(later, replaced)]


def last_deployed(history: Sequence[Record]) -> list[str]:
    """The machines of the newest release in `history`; none if there is no release in it."""
    launches = [record for record in history if _is_release(record)]
    return records.instance_ids(launches[-1]) if launches else []


def _is_release(record: Record) -> bool:
    issuer = record["userIdentity"].get("sessionContext", {}).get("sessionIssuer", {})
    return bool(record["eventName"] == "RunInstances" and issuer.get("userName") == cast.DEPLOY.name)

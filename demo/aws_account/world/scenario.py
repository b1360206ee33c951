"""What happens after the bot was connected: one function for each step, all of it over by `now`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from demo.aws_account import records
from demo.aws_account.identities import Actor
from demo.aws_account.records import Record, Writer
from demo.aws_account.world import cast
from demo.aws_account.world.deploys import deploy, last_deployed
from demo.aws_account.world.history import SEED
from demo.aws_account.world.routines import writer_for

STOLEN_LAUNCHES = (("ap-southeast-1", "p3.8xlarge", 4), ("eu-north-1", "g5.48xlarge", 4))
"""Region, type and count of what the thief starts; the account never ran anything in these Regions."""

_QUICKLY = timedelta(seconds=20)
"""Steps are short, so that all of it lies within what a bot that was just connected still looks at."""

TYPO_TYPE, TYPO_COUNT = "m5.large", 100

_VCPU_LIMIT = ("Client.VcpuLimitExceeded", "The request needs more vCPUs than the limit of 128 allows.")
_DRY_RUN = ("Client.DryRunOperation", "Request would have succeeded, but DryRun flag is set.")


def normal_deploy(now: datetime, history: Sequence[Record] = (), seed: int = SEED) -> list[Record]:
    """This week's release, as each week before; it ends the machines of the last release in `history`."""
    writer = _writer("deploy", now, seed)
    return deploy(writer, now - _QUICKLY, last_deployed(history), handover=_QUICKLY)


def leaked_key(now: datetime, seed: int = SEED) -> list[Record]:
    """A stolen key tries its luck twice, then starts GPU machines in two Regions within seconds."""
    writer = _writer("leaked-key", now, seed)
    first, second = STOLEN_LAUNCHES
    probe = writer.scene(cast.THIEF, now - _QUICKLY, first[0])
    greedy = writer.scene(cast.THIEF, now - timedelta(seconds=15), first[0])
    return [
        records.failed_run_instances(probe, first[1], 1, _DRY_RUN),
        records.failed_run_instances(greedy, first[1], 16, _VCPU_LIMIT),
        records.run_instances(writer.scene(cast.THIEF, now - timedelta(seconds=10), first[0]), first[1], first[2]),
        records.run_instances(writer.scene(cast.THIEF, now, second[0]), second[1], second[2]),
    ]


def typo_count(now: datetime, seed: int = SEED) -> list[Record]:
    """Maria wants one machine for a load test and types a hundred."""
    scene = _writer("typo", now, seed).scene(cast.MARIA, now, cast.OFFICE_REGION)
    return [records.run_instances(scene, TYPO_TYPE, TYPO_COUNT, name="maria-load-test")]


def same_launch_again(now: datetime, seed: int = SEED) -> list[Record]:
    """Maria's launch once more, with new ids: after "mark expected" it must stay silent."""
    return typo_count(now, seed)


def stop(started: Sequence[Record], now: datetime, seed: int = SEED) -> list[Record]:
    """Terminate what the launches among `started` brought up, by whoever started it.

    A stolen key's machines are ended by Maria, who found them.
    """
    writer = _writer("stop", now, seed)
    launches = [record for record in started if record["eventName"] == "RunInstances" and "errorCode" not in record]
    return [
        records.terminate_instances(
            writer.scene(_who_ends(launch), now, launch["awsRegion"]), records.instance_ids(launch)
        )
        for launch in launches
    ]


def _who_ends(launch: Record) -> Actor:
    issuer = launch["userIdentity"].get("sessionContext", {}).get("sessionIssuer", {})
    return cast.DEPLOY if issuer.get("userName") == cast.DEPLOY.name else cast.MARIA


def _writer(step: str, now: datetime, seed: int) -> Writer:
    return writer_for(seed, f"{step}:{now.isoformat()}")

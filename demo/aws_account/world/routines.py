"""The habits of the demo's account: each function yields the records of one of them, day after day."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

from demo.aws_account import records
from demo.aws_account.records import Record, Writer
from demo.aws_account.world import cast
from demo.aws_account.world.deploys import DEPLOY_EVERY, deploy

DAYS = 42
"""Six weeks of habits; what stands since long was built before them."""

_BUILT_BEFORE = timedelta(days=70)
_STOPPED_AFTER = timedelta(days=4)
_SATURDAY = 5


def foundations(writer: Writer, now: datetime) -> Iterator[Record]:
    """What was built long ago and still runs: two NAT gateways, a database, its volume, a function, one machine off."""
    at = now - _BUILT_BEFORE
    for region in (cast.MAIN_REGION, cast.DEPLOY_REGION):
        yield records.create_nat_gateway(writer.scene(cast.DEPLOY, at, region))
        at += timedelta(minutes=4)
    home = writer.scene(cast.DEPLOY, at, cast.DEPLOY_REGION)
    yield records.create_db_instance(home, "orders", "db.r5.large", multi_az=False)
    yield records.create_volume(home, 200)
    yield records.create_function(home, "thumbnails", 512)
    forgotten = records.run_instances(writer.scene(cast.MARIA, at, cast.OFFICE_REGION), "t3.large", name="maria-trial")
    yield forgotten
    stopped_at = writer.scene(cast.MARIA, at + _STOPPED_AFTER, cast.OFFICE_REGION)
    yield records.stop_instances(stopped_at, records.instance_ids(forgotten))


def continuous_integration(writer: Writer, now: datetime) -> Iterator[Record]:
    """On workdays, several runs that launch one to three small machines and end them after about 40 min."""
    rng = writer.rng
    for day in workdays(now):
        for _ in range(rng.randint(4, 6)):
            actor = cast.ci_runner(rng.randrange(10**9, 10**10))
            began = day + timedelta(minutes=rng.randrange(7 * 60, 19 * 60), seconds=rng.randrange(60))
            scene = writer.scene(actor, began, cast.MAIN_REGION)
            instance_type = rng.choice(["t3.medium", "t3.medium", "m5.large"])
            launch = records.run_instances(scene, instance_type, rng.randint(1, 3), name="ci-worker")
            ended = began + timedelta(minutes=rng.gauss(40, 6))
            yield launch
            yield records.terminate_instances(
                writer.scene(actor, ended, cast.MAIN_REGION), records.instance_ids(launch)
            )


def weekly_deploys(writer: Writer, now: datetime) -> Iterator[Record]:
    """The weekly release, at this weekday and hour; each replaces the machines of the one before."""
    replaced: list[str] = []
    for weeks_ago in range(DAYS // DEPLOY_EVERY.days, 0, -1):
        lateness = timedelta(seconds=writer.rng.randrange(-240, 240))
        release = deploy(writer, now - weeks_ago * DEPLOY_EVERY + lateness, replaced)
        replaced = records.instance_ids(release[0])
        yield from release


def developer(writer: Writer, now: datetime) -> Iterator[Record]:
    """Maria tries something on a t3.large now and then, tags it, and ends it in the evening."""
    rng = writer.rng
    for day in workdays(now):
        if rng.random() > 0.35:  # noqa: PLR2004 - about every third workday
            continue
        began = day + timedelta(minutes=rng.randrange(8 * 60, 14 * 60))
        launch = records.run_instances(
            writer.scene(cast.MARIA, began, cast.OFFICE_REGION), "t3.large", name="maria-test"
        )
        ids = records.instance_ids(launch)
        tagged = writer.scene(cast.MARIA, began + timedelta(minutes=2), cast.OFFICE_REGION)
        ended = began + timedelta(minutes=rng.randrange(60, 300))
        yield launch
        yield records.create_tags(tagged, ids[0], "owner", "maria")
        yield records.terminate_instances(writer.scene(cast.MARIA, ended, cast.OFFICE_REGION), ids)


def nightly_batch(writer: Writer, now: datetime) -> Iterator[Record]:
    """The data team's r5.xlarge machines, every night for about two hours."""
    for day in days(now):
        began = day + timedelta(hours=2, seconds=writer.rng.randrange(120))
        launch = records.run_instances(
            writer.scene(cast.DATA_TEAM, began, cast.DATA_REGION), "r5.xlarge", 2, name="batch"
        )
        ended = began + timedelta(minutes=writer.rng.gauss(115, 12))
        yield launch
        yield records.terminate_instances(
            writer.scene(cast.DATA_TEAM, ended, cast.DATA_REGION), records.instance_ids(launch)
        )


def web_fleet(writer: Writer, now: datetime) -> Iterator[Record]:
    """Auto Scaling adds a web server for the day and takes it away in the evening."""
    for day in days(now):
        morning = day + timedelta(hours=8, minutes=writer.rng.randrange(40))
        evening = day + timedelta(hours=18, minutes=writer.rng.randrange(40))
        launch = records.run_instances(
            writer.scene(cast.AUTOSCALING, morning, cast.DEPLOY_REGION), "c5.large", name="web"
        )
        yield launch
        yield records.terminate_instances(
            writer.scene(cast.AUTOSCALING, evening, cast.DEPLOY_REGION), records.instance_ids(launch)
        )


def housekeeping(writer: Writer, now: datetime) -> Iterator[Record]:
    """Writes that cost nothing, a few each workday, among them those of the backup key."""
    for day in workdays(now):
        for _ in range(writer.rng.randint(5, 9)):
            at = day + timedelta(minutes=writer.rng.randrange(6 * 60, 20 * 60))
            yield writer.rng.choice(_CHORES)(writer, at)
        yield _backup_chore(writer, day + timedelta(hours=4))


def days(now: datetime) -> list[datetime]:
    """The midnights (UTC) of the last six weeks, today's included."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [midnight - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]


def workdays(now: datetime) -> list[datetime]:
    """Those of `days` that are no Saturday and no Sunday."""
    return [day for day in days(now) if day.weekday() < _SATURDAY]


def _backup_chore(writer: Writer, at: datetime) -> Record:
    scene = writer.scene(cast.BACKUP_UPLOADER, at, cast.MAIN_REGION)
    return records.put_bucket_lifecycle(scene, "acme-backups")


def _security_chore(writer: Writer, at: datetime) -> Record:
    return records.authorize_security_group_ingress(writer.scene(cast.DEPLOY, at, cast.DEPLOY_REGION))


def _policy_chore(writer: Writer, at: datetime) -> Record:
    return records.put_role_policy(writer.scene(cast.DEPLOY, at, records.GLOBAL_REGION), "thumbnails-role")


def _logging_chore(writer: Writer, at: datetime) -> Record:
    actor = cast.ci_runner(writer.rng.randrange(10**9, 10**10))
    return records.create_log_stream(writer.scene(actor, at, cast.MAIN_REGION), "/ci/builds")


def _parameter_chore(writer: Writer, at: datetime) -> Record:
    scene = writer.scene(cast.DATA_TEAM, at, cast.DATA_REGION)
    return records.put_parameter(scene, "/batch/last-run")


_CHORES: tuple[Callable[[Writer, datetime], Record], ...] = (
    _security_chore,
    _policy_chore,
    _logging_chore,
    _parameter_chore,
)

ROUTINES: tuple[Callable[[Writer, datetime], Iterator[Record]], ...] = (
    foundations,
    continuous_integration,
    weekly_deploys,
    developer,
    nightly_batch,
    web_fleet,
    housekeeping,
)


def writer_for(seed: int, part: str) -> Writer:
    """A writer of its own for each part of the world, so that one part's change moves no other."""
    return Writer(cast.ACCOUNT_ID, Random(f"{seed}:{part}"))  # noqa: S311 - made-up ids, no secrets

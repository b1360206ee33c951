"""Snapshots and images."""

from engine.zombies.models import Confidence, Idle
from engine.zombies.rule import Look, Rule


def judge_snapshot(look: Look) -> Idle | None:
    """An old EBS snapshot that no image of the account is made of.

    >>> from engine.zombies.examples import look_at
    >>> look_at("snapshot", age_days=120, judge=judge_snapshot).evidence
    ('120 days old, and no image is made of it; billed by what changed, so this is the most it can cost',)
    """
    if "in_image" in look.resource.traits or "managed" in look.resource.traits:
        return None
    saying = "and no image is made of it; billed by what changed, so this is the most it can cost"
    return _old(look, look.limits.snapshot_days, saying, Confidence.MEDIUM)


def judge_image(look: Look) -> Idle | None:
    """An old image that no instance runs and that was launched by nobody lately; its snapshots are what costs.

    >>> from engine.zombies.examples import look_at
    >>> look_at("image", age_days=200, judge=judge_image).evidence
    ('200 days old, and no instance is made of it',)
    """
    launched = look.resource.days_in_state(look.now)
    if "in_use" in look.resource.traits or (launched is not None and launched < look.limits.image_days):
        return None
    return _old(look, look.limits.image_days, "and no instance is made of it", Confidence.MEDIUM)


def judge_database_snapshot(look: Look) -> Idle | None:
    """A manual snapshot of a database that is no more.

    >>> from engine.zombies.examples import look_at
    >>> look_at("database_snapshot", age_days=31, words={"source": "orders"}, judge=judge_database_snapshot).evidence
    ('31 days old, and its database orders is gone',)
    """
    if "source_exists" in look.resource.traits:
        return None
    source = look.resource.words.get("source", "")
    return _old(look, look.limits.database_snapshot_days, f"and its database {source} is gone", Confidence.MEDIUM)


def _old(look: Look, days: int, saying: str, confidence: Confidence) -> Idle | None:
    age = look.resource.age_days(look.now)
    if age is None or age < days:
        return None
    return Idle(evidence=(f"{int(age)} days old, {saying}",), confidence=confidence, since=look.resource.created_at)


RULES: tuple[Rule, ...] = (
    Rule(
        name="snapshot_old",
        kind="snapshot",
        title="old EBS snapshot",
        source="thrifty",
        threshold="{snapshot_days} days old, in no image, not made by AWS Backup or a lifecycle policy",
        judge=judge_snapshot,
        commands=(
            "ec2 modify-snapshot-tier --snapshot-id {id} --storage-tier archive",
            "ec2 delete-snapshot --snapshot-id {id}",
        ),
    ),
    Rule(
        name="image_unused",
        kind="image",
        title="unused image",
        source="Cloud Custodian",
        threshold="{image_days} days old, launched by nobody for as long, and no instance made of it",
        judge=judge_image,
        commands=("ec2 disable-image --image-id {id}", "ec2 deregister-image --image-id {id}"),
    ),
    Rule(
        name="database_snapshot_orphan",
        kind="database_snapshot",
        title="database snapshot without its database",
        source="thrifty",
        threshold="made by hand, {database_snapshot_days} days old, its database gone",
        judge=judge_database_snapshot,
        commands=("rds delete-db-snapshot --db-snapshot-identifier {id}",),
    ),
)

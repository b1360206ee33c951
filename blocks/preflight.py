"""What to know before stopping what an incident started."""

from collections.abc import Mapping, Sequence

from blocks.text import code, count, escape, when
from engine.models.anomaly import Anomaly
from engine.models.caution import Caution, CautionKind
from engine.remediation.preflight import MOST_CAUTIONS, OF_SNAPSHOTS, storing, told_by_tags

_LONGEST_NAME = 80
_MOST = 4
_MOST_SNAPSHOTS = 2


def preflight_line(anomaly: Anomaly) -> list[str]:
    """One line, or none where the records told nothing of the kind and there is no data to lose."""
    others = [one for one in anomaly.cautions if one.kind not in OF_SNAPSHOTS]
    return _line([*(_words(caution) for caution in others[:_MOST]), *_snapshots(anomaly)])


def made_by_line(tags: Mapping[str, str]) -> list[str]:
    """The same of what nothing but its tags is known of.

    >>> made_by_line({"aws:cloudformation:stack-name": "shop"})
    ['*Before you do:* it is part of the CloudFormation stack `shop`: change that.']
    """
    return _line([_words(caution) for caution in told_by_tags(tags)])


def _line(told: Sequence[str]) -> list[str]:
    return [f"*Before you do:* {'; '.join(told)}."] if told else []


def last_snapshot_line(anomaly: Anomaly) -> list[str]:
    """What the deletion said of a last snapshot; of several deletions, what the first that says it said."""
    final = next((one for one in anomaly.cautions if one.kind is CautionKind.FINAL), None)
    if final is not None:
        kept = f"a last snapshot of {code(final.of, _LONGEST_NAME)}, {code(final.name, _LONGEST_NAME)}"
        return [f"AWS was told to keep {kept}: it costs storage until it is deleted."]
    gone = next((one for one in anomaly.cautions if one.kind is CautionKind.NO_FINAL), None)
    return [f"{code(gone.of, _LONGEST_NAME)} was deleted without a last snapshot."] if gone else []


def _snapshots(anomaly: Anomaly) -> list[str]:
    """Which were seen, and of what none was: automatic ones leave no record, so nothing is said of them."""
    stores = {one.resource_id for one in storing(anomaly)}
    seen = [one for one in anomaly.cautions if one.kind is CautionKind.SNAPSHOT]
    told = [_of_one(one) for one in seen[:_MOST_SNAPSHOTS]]
    if len(seen) > _MOST_SNAPSHOTS:
        told.append(f"snapshots of {len(seen) - _MOST_SNAPSHOTS} more were seen")
    missing = len(stores - {one.of for one in seen})
    if len(anomaly.cautions) >= MOST_CAUTIONS:
        return told
    restored = any(one.kind is CautionKind.RESTORED for one in anomaly.cautions)
    if not missing or (restored and not seen):
        return told
    return [*told, f"of {count(missing, 'other')} no snapshot was seen" if seen else "no snapshot of it was seen"]


def _of_one(caution: Caution) -> str:
    made = f", {when(caution.at)}" if caution.at else ""
    return f"there is a snapshot of {code(caution.of, _LONGEST_NAME)}: {code(caution.name, _LONGEST_NAME)}{made}"


def _words(caution: Caution) -> str:
    named = f" {code(caution.name, _LONGEST_NAME)}" if caution.name else ""
    match caution.kind:
        case CautionKind.PROTECTED:
            return "it was started with termination protection, so AWS refuses to delete it until that is switched off"
        case CautionKind.GROUP:
            return f"it is part of the Auto Scaling group{named}, which starts others instead: lower its capacity first"
        case CautionKind.STACK:
            return (
                f"it is part of {'the CloudFormation stack' if named else 'a CloudFormation stack'}{named}: change that"
            )
        case CautionKind.BACKUPS if caution.name == "0":
            return "automatic backups are switched off"
        case CautionKind.BACKUPS:
            kept = f"automatic backups are kept for {_days(caution.name)}"
            return f"{kept}, and are deleted with it unless AWS is told otherwise"
        case _:
            return f"it was made from the snapshot{named}"


def _days(name: str) -> str:
    return count(int(name), "day") if name.isascii() and name.isdecimal() else f"{escape(name, 20)} days"

"""What to know before stopping an incident's resources, from what their records told."""

from collections.abc import Iterable, Mapping

from engine.models.anomaly import Anomaly, ResourceRef
from engine.models.caution import GROUP_TAG, STACK_TAG, Caution, CautionKind

OF_SNAPSHOTS = frozenset({CautionKind.SNAPSHOT, CautionKind.FINAL, CautionKind.NO_FINAL})
MOST_CAUTIONS = 8
_CLUSTER = "cluster:"
_NO_DATABASES = ("snapshot:", "cluster-snapshot:", "db-proxy:")


def merge_cautions(known: tuple[Caution, ...], more: Iterable[Caution]) -> tuple[Caution, ...]:
    """Keep each once, of one thing's snapshots the latest, and not more than anybody reads.

    >>> from engine.models.caution import CautionKind
    >>> merge_cautions((), [Caution(CautionKind.PROTECTED), Caution(CautionKind.PROTECTED)])
    (Caution(kind=<CautionKind.PROTECTED: 'protected'>, name='', of='', at=None),)
    """
    kept: dict[object, Caution] = {}
    for one in (*known, *more):
        key: object = (one.kind, one.of) if one.kind in OF_SNAPSHOTS else one
        if (before := kept.get(key)) is None or _is_later(one, before):
            kept[key] = one
    return tuple(kept.values())[:MOST_CAUTIONS]


def _is_later(one: Caution, other: Caution) -> bool:
    return one.at is not None and other.at is not None and one.at > other.at


def told_by_tags(tags: Mapping[str, str]) -> tuple[Caution, ...]:
    """Give who made a resource and will make it again: change that instead.

    >>> told_by_tags({"Name": "web", STACK_TAG: "shop"})
    (Caution(kind=<CautionKind.STACK: 'stack'>, name='shop', of='', at=None),)
    """
    makers = ((GROUP_TAG, CautionKind.GROUP), (STACK_TAG, CautionKind.STACK))
    return tuple(Caution(kind, tags[tag]) for tag, kind in makers if tag in tags)


def storing(anomaly: Anomaly) -> tuple[ResourceRef, ...]:
    """Give the volumes, databases and database clusters among what an incident started: what snapshots are made of.

    Members of clusters have no data of their own; where clusters started, any database may be one.

    >>> from engine.examples import incident, launch
    >>> storing(incident(launch()))
    ()
    """
    volumes = [one for one in anomaly.resources if one.service == "ec2" and one.resource_id.startswith("vol-")]
    databases = [
        one
        for one in anomaly.resources
        if one.service == "rds" and not one.in_cluster and not one.resource_id.startswith(_NO_DATABASES)
    ]
    clusters = [one for one in databases if one.resource_id.startswith(_CLUSTER)]
    return (*volumes, *(clusters or databases))

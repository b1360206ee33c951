"""What to know before stopping an incident's resources, from what their records told."""

from collections.abc import Iterable

from engine.models.caution import Caution

_MOST = 8


def merge_cautions(known: tuple[Caution, ...], more: Iterable[Caution]) -> tuple[Caution, ...]:
    """Keep each once, and not more than anybody reads.

    >>> from engine.models.caution import CautionKind
    >>> merge_cautions((), [Caution(CautionKind.PROTECTED), Caution(CautionKind.PROTECTED)])
    (Caution(kind=<CautionKind.PROTECTED: 'protected'>, name=''),)
    """
    return tuple(dict.fromkeys((*known, *more)))[:_MOST]

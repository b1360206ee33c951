"""What ``/dd0c status`` tells of an account's sources: how late they are, and what nobody covers."""

from blocks.card import shorten
from blocks.text import count, duration, escape, when
from engine.models.report import AccountHealth, GapKind, RegionGap, RegionLag, SourceHealth

_NEEDS_RULES = "eventbridge"
_SILENT_SHOWN = 5
_REGIONS_SHOWN = 4
_GAPS_SHOWN = 6
_SOURCES_SHOWN = 5
_NAME = 30


def source_lines(health: AccountHealth) -> list[str]:
    """One line for each source, and what is not covered."""
    sources = shorten([_source(one) for one in health.sources], _SOURCES_SHOWN, "source")
    return [*sources, *_gaps(health), *_set_aside(health)]


def _source(source: SourceHealth) -> str:
    """Only EventBridge needs a rule in each Region, so only its silence is told.

    >>> _source(SourceHealth(name="push", last_record_time=None, median_lag=2.0, p95_lag=61.4))
    'push: newest record none yet, 2 s behind (95%: 61 s)'
    """
    newest = when(source.last_record_time, "newest record") if source.last_record_time else "newest record none yet"
    text = f"{escape(source.name, _NAME)}: {newest}{_behind(source, ' behind')}"
    if len(source.regions) > 1:
        text += f"; {_listed([_region(one) for one in source.regions], _REGIONS_SHOWN)}"
    if source.name != _NEEDS_RULES or not source.silent_regions:
        return text
    silent = _listed([escape(region, _NAME) for region in source.silent_regions], _SILENT_SHOWN)
    return f"{text}; NOTHING yet from {silent}: only polled unless a rule is there"


def _region(lag: RegionLag) -> str:
    newest = when(lag.last_record_time, "until") if lag.last_record_time else "none yet"
    return f"{escape(lag.region, _NAME)} {newest}{_behind(lag, '')}"


def lag_words(health: AccountHealth) -> str:
    """How late the quickest source is as a rule; empty before any brought a record.

    >>> from engine.examples import MONDAY
    >>> from engine.models.account import AccountStatus, GovernanceMode
    >>> source = SourceHealth(name="polling", last_record_time=MONDAY, median_lag=90.0, p95_lag=200.0)
    >>> lag_words(AccountHealth(account_id="1", name="prod", status=AccountStatus.ACTIVE, mode=GovernanceMode.AUDIT,
    ...     history_days=90, events_seen=9, regions_watched=1, sources=(source,)))
    ', 1 min behind'
    """
    lags = [one.median_lag for one in health.sources if one.median_lag is not None]
    return f", {duration(min(lags))} behind" if lags else ""


def _behind(lag: SourceHealth | RegionLag, word: str) -> str:
    if lag.median_lag is None or lag.p95_lag is None:
        return ""
    return f", {lag.median_lag:,.0f} s{word} (95%: {lag.p95_lag:,.0f} s)"


def _gaps(health: AccountHealth) -> list[str]:
    if not health.gaps:
        return []
    return [f"NOT covered: {_listed([_gap(gap) for gap in health.gaps], _GAPS_SHOWN)}"]


def _gap(gap: RegionGap) -> str:
    """What is missing of one Region.

    >>> _gap(RegionGap("us-east-1", GapKind.UNWATCHED))
    'us-east-1 (not read yet)'
    """
    region = escape(gap.region, _NAME)
    if gap.since is None:
        return f"{region} (not read yet)"
    match gap.kind:
        case GapKind.SHORT_HISTORY:
            return f"{region} {when(gap.since, 'before')} (too much history to read it whole)"
        case GapKind.BEHIND:
            return f"{region} {when(gap.since, 'after')} (being caught up)"
        case _:
            return f"{region} {when(gap.since, 'after')} (cannot be read)"


def _set_aside(health: AccountHealth) -> list[str]:
    if not health.set_aside:
        return []
    batches = count(health.set_aside, "received batch was", "received batches were")
    return [
        f"{batches} set aside. Whoever runs dd0c/cost: `dd0c queue aside` shows why, `dd0c queue retry` tries again."
    ]


def _listed(texts: list[str], shown: int) -> str:
    more = f" and {len(texts) - shown:,} more" if len(texts) > shown else ""
    return f"{', '.join(texts[:shown])}{more}"

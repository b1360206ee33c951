"""Score records from files: every account from a cold start, in the records' own time, in bounded memory."""

from collections.abc import Iterator, Sequence, Set

from engine.cloudtrail import CloudTrailRecord, parse
from engine.cloudtrail.precursors import may_foretell, parse_precursor
from engine.cloudtrail.split import Batch, Malformed
from engine.cloudtrail.trial import may_tell
from engine.errors import MalformedRecord
from engine.flags import NO_FLAGS, FlagSet
from engine.models.anomaly import Anomaly, DecisionKind
from engine.models.cost_event import CostEvent
from engine.models.precursor import Precursor
from engine.precursors import is_precursor
from engine.pricing.estimate import Prices
from services.replay_account import ReplayAccount
from services.replay_lines import Summary
from services.replay_waiting import WaitingLine

REORDERED = 20_000
_REMEMBERED = 2**19
_REMEMBERED_TELLING = 2**17
_REMEMBERED_SILENT = 2**16
_MOST_ACCOUNTS = 5_000
_MOST_SILENT = 10_000

Finding = CostEvent | Anomaly | Malformed
Numbered = list[tuple[int, CloudTrailRecord]]
_Step = Sequence[CostEvent] | Precursor


class SeenKeys:
    """Remembers at least the last ``generation`` keys and at most twice as many, as 64-bit hashes."""

    def __init__(self, generation: int = _REMEMBERED) -> None:
        self._generation = generation
        self._young: set[int] = set()
        self._old: set[int] = set()

    def knows(self, key: tuple[str, str]) -> bool:
        """Whether the key was seen lately."""
        value = hash(key)
        return value in self._young or value in self._old

    def is_new(self, key: tuple[str, str]) -> bool:
        """Whether the key was not seen lately; it is from now on."""
        value = hash(key)
        if value in self._young or value in self._old:
            return False
        self.note({value})
        return True

    def knows_none(self, values: Set[int]) -> bool:
        """Whether none of these hashes of keys was seen lately."""
        return self._young.isdisjoint(values) and self._old.isdisjoint(values)

    def note(self, values: Set[int]) -> None:
        """Remember hashes of keys. A generation ends behind the batch that fills it."""
        self._young |= values
        if len(self._young) >= self._generation:
            self._young, self._old = set(), self._young


class Replay:
    """Takes records in, gives findings out: each cost event with its price, each anomaly once, as it ended.

    Records may be out of order: cost events wait until ``reordered`` newer ones were read. An anomaly is given when it
    can no longer change, or by ``finish``. ``flags`` are the rules on trial that hold for all accounts.
    """

    def __init__(self, prices: Prices, *, flags: FlagSet = NO_FLAGS, reordered: int = REORDERED) -> None:
        self.summary = Summary()
        self._prices = prices
        self._flags = flags
        self._seen_telling = SeenKeys(_REMEMBERED_TELLING)
        self._seen_silent = SeenKeys(_REMEMBERED_SILENT)
        self._silent: set[tuple[str, str]] = set()
        self._waiting = WaitingLine[_Step](reordered)
        self._accounts: dict[str, ReplayAccount] = {}

    def read(self, found: Batch[CloudTrailRecord] | Malformed) -> list[Finding]:
        """Take in what the splitter found; give what is known for good by now."""
        if isinstance(found, Malformed):
            self.summary.records_malformed += 1
            return [found]
        findings: list[Finding] = []
        for number, record in self._telling(found.records):
            try:
                step = parse(record, self._flags.on) or parse_precursor(record)
            except MalformedRecord as error:
                self.summary.records_malformed += 1
                findings.append(Malformed(str(error), found.line + number * found.line_step))
                continue
            if step:
                self._wait(step, findings)
        self.summary.records_read += len(found.records)
        return findings

    def finish(self) -> Iterator[Finding]:
        """Judge what still waits and give every anomaly that is left."""
        for step in self._waiting.drain():
            findings: list[Finding] = []
            self._judge(step, findings)
            yield from findings
        for account in self._accounts.values():
            yield from self._ended(account.close())
        self._accounts.clear()

    def _telling(self, records: Sequence[CloudTrailRecord]) -> Numbered:
        """Those records, with their numbers, that may say something of cost and are no second copies."""
        silent = self._silent
        telling = [
            (number, record)
            for number, record in enumerate(records)
            if (record.event_source, record.event_name) not in silent
            and not self._is_silent((record.event_source, record.event_name))
        ]
        if self._all_are_new(records, telling):
            return telling
        return self._without_copies(records)

    def _all_are_new(self, records: Sequence[CloudTrailRecord], telling: Numbered) -> bool:
        """Whether a batch holds no second copy, as nearly all do; if so, it is remembered as a whole."""
        keys = [hash((one.recipient_account_id, one.event_id)) for one in records if one.event_id]
        values = set(keys)
        if len(values) < len(keys) or not self._seen_silent.knows_none(values):
            return False
        if not self._seen_telling.knows_none(values):
            return False
        own = {hash((one.recipient_account_id, one.event_id)) for _, one in telling if one.event_id}
        self._seen_telling.note(own)
        self._seen_silent.note(values - own)
        return True

    def _without_copies(self, records: Sequence[CloudTrailRecord]) -> Numbered:
        telling = []
        for number, record in enumerate(records):
            silent = self._is_silent((record.event_source, record.event_name))
            if record.event_id and not self._is_new((record.recipient_account_id, record.event_id), silent):
                self.summary.duplicates += 1
            elif not silent:
                telling.append((number, record))
        return telling

    def _is_new(self, key: tuple[str, str], silent: bool) -> bool:
        """Whether this is no second copy. Those that may tell something are few, and remembered for longer."""
        own, other = self._seen_telling, self._seen_silent
        if silent:
            own, other = other, own
        return not other.knows(key) and own.is_new(key)

    def _is_silent(self, call: tuple[str, str]) -> bool:
        """Whether a call never says anything of cost. Most records are of a few of those, so they are remembered."""
        if call in self._silent:
            return True
        if may_tell(*call) or may_foretell(*call):
            return False
        if len(self._silent) < _MOST_SILENT:
            self._silent.add(call)
        return True

    def _wait(self, step: _Step, findings: list[Finding]) -> None:
        oldest = self._waiting.push(_first(step).event_time, step)
        if oldest is not None:
            self._judge(oldest, findings)

    def _judge(self, step: _Step, findings: list[Finding]) -> None:
        first = _first(step)
        account = self._accounts.get(first.account_id)
        if account is None:
            account = self._open(first, findings)
        if isinstance(step, Precursor):
            account.note(step)
            return
        cost_events, anomalies = account.advance(step)
        self.summary.cost_events += len(cost_events)
        findings += cost_events
        if anomalies:
            findings += self._ended(anomalies)

    def _open(self, first: CostEvent | Precursor, findings: list[Finding]) -> ReplayAccount:
        """Begin an account; of very many, the one that came first is closed for it."""
        if len(self._accounts) >= _MOST_ACCOUNTS:
            findings += self._ended(self._accounts.pop(next(iter(self._accounts))).close())
        account = self._accounts[first.account_id] = ReplayAccount(
            first.account_id, first.event_time, self._prices, self._flags
        )
        return account

    def _ended(self, anomalies: list[Anomaly]) -> list[Anomaly]:
        """Leave out what is no finding: precursors that are not worth a word."""
        told = [one for one in anomalies if one.decision.kind is not DecisionKind.LOG or not is_precursor(one)]
        self.summary.anomalies += len(told)
        return told


def _first(step: _Step) -> CostEvent | Precursor:
    return step if isinstance(step, Precursor) else step[0]

"""The operator's policy, read from a file on this machine, and again when the file changed."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from engine.errors import UNREADABLE, InvalidSetting
from engine.models.account import GovernanceMode
from engine.models.policy import Policy

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 2.0
_LARGEST = 1 << 20
_ADVICE = (
    'Write {"governance_mode": "audit", "accounts": {"123456789012": {"governance_mode": "strict"}}} there, with modes '
    "strict or audit and account ids of 12 digits, and beside them panic_mode (true or false) with panic_by and "
    "panic_reason in at most 300 characters each."
)
_AccountId = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{12}\Z")]
_Words = Annotated[str, msgspec.Meta(max_length=300)]
_Stamp = tuple[int, int, int] | None


class _AccountRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says of one account."""

    governance_mode: GovernanceMode


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    governance_mode: GovernanceMode = GovernanceMode.AUDIT
    accounts: Mapping[_AccountId, _AccountRow] = {}
    panic_mode: bool = False
    panic_by: _Words = ""
    panic_reason: _Words = ""


def parse_policy(text: bytes, called: str = "policy.json") -> Policy:
    """Raises InvalidSetting, which says what is wrong with the file ``called`` so and how it is to be written."""
    try:
        found = msgspec.json.decode(text, type=_File)
    except UNREADABLE as error:
        raise InvalidSetting(f"{called} cannot be read: {error}. {_ADVICE}") from error
    return Policy(
        found.governance_mode,
        {key: row.governance_mode for key, row in found.accounts.items()},
        panic_mode=found.panic_mode,
        panic_by=found.panic_by,
        panic_reason=found.panic_reason,
    )


class PolicyFile:
    """Looks whether the file changed, every two seconds at most; one that is broken leaves what held before."""

    def __init__(self, path: Path, monotonic: Callable[[], float]) -> None:
        """Raises InvalidSetting when there is no policy to begin with: nobody should find out only later."""
        self._path = path
        self._monotonic = monotonic
        self._looked_at = monotonic()
        self._stamp = self._find_stamp()
        self._policy = self._read()

    def current(self) -> Policy:
        """What the file said when it last could be read."""
        now = self._monotonic()
        if now - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = now
            self._look()
        return self._policy

    def _look(self) -> None:
        stamp = self._find_stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._policy = self._read()
        except InvalidSetting as error:
            _log.error("The policy stays as it was. %s", error)
            return
        _log.info("The policy was read again from %s", self._path)

    def _find_stamp(self) -> _Stamp:
        try:
            found = self._path.stat()
        except (OSError, ValueError):
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> Policy:
        try:
            with self._path.open("rb") as file:
                text = file.read(_LARGEST + 1)
        except (OSError, ValueError) as error:
            raise InvalidSetting(
                f"DD0C_POLICY: {self._path} cannot be opened ({error}). Write the file, or unset DD0C_POLICY."
            ) from error
        if len(text) > _LARGEST:
            raise InvalidSetting(f"DD0C_POLICY: {self._path} is larger than 1 MB. {_ADVICE}")
        return parse_policy(text, f"DD0C_POLICY: {self._path}")

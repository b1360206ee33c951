"""Access keys: the long-term ones of callers, and the short-lived ones AssumeRole issues."""

import itertools
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from demo.aws_account.account import AwsAccount
from demo.aws_account.ids import key_id, secret

_MOST_SESSIONS = 20_000


@dataclass(frozen=True)
class Caller:
    """A principal with a long-term access key, such as the user the bot runs as.

    One that ``may_read`` may do in its own account what the bot's role may do there.
    """

    account_id: str
    user_name: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    may_read: bool = False

    @property
    def arn(self) -> str:
        """Its name in messages and in trust policies."""
        return f"arn:aws:iam::{self.account_id}:user/{self.user_name}"


@dataclass(frozen=True)
class Session:
    """Temporary credentials in a customer's account. Times are epoch seconds."""

    account: AwsAccount
    session_name: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    generation: int
    expires_at: float

    @property
    def arn(self) -> str:
        """Its name in messages."""
        account_id, role_name = self.account.account_id, self.account.role_name
        return f"arn:aws:sts::{account_id}:assumed-role/{role_name}/{self.session_name}"

    @property
    def role_id(self) -> str:
        """The unique id of the role, as it stands before the session name in a principal id."""
        return key_id("AROA", self.account.role_arn)

    def expired(self, now: float) -> bool:
        """Whether it is over at `now`, by its time or because the account ended all its sessions."""
        return now >= self.expires_at or self.generation < self.account.session_generation


@dataclass
class CredentialStore:
    """Every key the simulator knows; the oldest sessions are forgotten beyond a bound."""

    _callers: dict[str, Caller] = field(default_factory=dict)
    _sessions: OrderedDict[str, Session] = field(default_factory=OrderedDict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def add_caller(self, account_id: str, user_name: str, *, may_read: bool = False) -> Caller:
        """Create a user with an access key."""
        access_key_id = key_id("AKIA", account_id, user_name)
        caller = Caller(account_id, user_name, access_key_id, secret(account_id, user_name), may_read)
        self._callers[access_key_id] = caller
        return caller

    def deactivate(self, caller: Caller) -> None:
        """Let the key of a user open nothing any more."""
        self._callers.pop(caller.access_key_id, None)

    def issue(self, account: AwsAccount, session_name: str, now: float, seconds: float) -> Session:
        """Make temporary credentials that end `seconds` after `now`."""
        number = str(next(self._numbers))
        session = Session(
            account=account,
            session_name=session_name,
            access_key_id=key_id("ASIA", account.account_id, number),
            secret_access_key=secret(account.account_id, number),
            session_token=f"IQoJb3JpZ2luX2VjE{secret('token', account.account_id, number)}",
            generation=account.session_generation,
            expires_at=now + seconds,
        )
        self._sessions[session.access_key_id] = session
        if len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return session

    def find(self, access_key_id: str, session_token: str | None) -> Caller | Session | None:
        """Who signs with this key; None if the key is unknown or the session token is not its own."""
        if session_token is None:
            return self._callers.get(access_key_id)
        session = self._sessions.get(access_key_id)
        return session if session and session.session_token == session_token else None

"""The one exception tree.

Dd0cError
├── InputError              somebody outside sent something we cannot use; the text says what to do
│   ├── MalformedRecord     a CloudTrail record that cannot be read
│   ├── BrokenArchive       gzip that is damaged or cut off
│   ├── InputTooLarge       more than we take at once
│   ├── InvalidCommand      words after /dd0c that make no sense
│   ├── NotAllowed          somebody's role does not suffice
│   ├── PlanLimit           the plan does not cover one more AWS account
│   └── InvalidSetting      a setting that is missing or unusable
├── NotFound                the thing is not there, or belongs to another tenant
├── Conflict                somebody else was faster; reading again shows the state of now
└── UpstreamError           a system we depend on did not do what we asked
    ├── Unavailable         try again later (timeouts, 5xx, no primary); may carry retry_after
    ├── Throttled           slow down; may carry retry_after
    ├── AccessDenied        the credentials are fine but may not do this, or the role is gone
    └── Rejected            the other side will never accept this request (channel_not_found, token_revoked ...)

Adapters translate SDK errors into these; use cases catch only what they can act on.
"""

from typing import Final

import msgspec

# What msgspec raises of bytes from outside: of another shape or no JSON, no UTF-8, or nested too deep.
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)


class Dd0cError(Exception):
    """Base of everything this project raises on purpose."""


class InputError(Dd0cError):
    """Input from outside that cannot be used."""


class MalformedRecord(InputError):
    """A CloudTrail record that cannot be read."""


class BrokenArchive(InputError):
    """Gzip that is damaged or cut off; the text says which."""


class InputTooLarge(InputError):
    """More than we take at once; the text names the limit."""


class InvalidCommand(InputError):
    """Words after ``/dd0c`` that make no sense; the text points to the right ones."""


class NotAllowed(InputError):
    """The role of whoever asked does not suffice; the text names who may. Nothing was changed."""


class PlanLimit(InputError):
    """The plan does not cover one more AWS account; the text says what would. Nothing was changed."""


class InvalidSetting(InputError):
    """A setting that is missing or unusable; the text names it and says what to write."""


class NotFound(Dd0cError):
    """The thing asked for does not exist for this tenant."""


class Conflict(Dd0cError):
    """A concurrent writer won; read the state of now and decide again."""


class UpstreamError(Dd0cError):
    """A system we depend on did not do what we asked.

    ``code`` is the other side's own word (``ThrottlingException``, ``channel_not_found``), kept for status pages.
    """

    def __init__(self, message: str, *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


class Unavailable(UpstreamError):
    """No answer, or an answer that says "later"; whether a write took effect is not known."""


class Throttled(UpstreamError):
    """Too many requests; nothing was done. ``retry_after`` is in seconds."""


class AccessDenied(UpstreamError):
    """The other side refuses these credentials or this permission."""


class Rejected(UpstreamError):
    """The request was understood and will never be accepted as it is."""

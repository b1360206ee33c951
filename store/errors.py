"""MongoDB's errors in the words of ``engine.errors``."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from bson.errors import BSONError
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from engine.errors import AccessDenied, Conflict, Dd0cError, Rejected, Unavailable

P = ParamSpec("P")
T = TypeVar("T")

# Codes of MongoDB's error list.
_LOST_RACE = {11000, 112}  # DuplicateKey, WriteConflict
_FORBIDDEN = {13, 18, 8000}  # Unauthorized, AuthenticationFailed, AtlasError (a wrong password on Atlas)
_PASSING = {50, 64, 91, 133}  # MaxTimeMSExpired, WriteConcernFailed, ShutdownInProgress, no member fits the preference
_PASSING_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")


def translated(method: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Make a coroutine function raise only errors of ``engine.errors``."""

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except (PyMongoError, BSONError) as error:
            raise translate(error) from error

    return call


def translate(error: PyMongoError | BSONError) -> Dd0cError:
    """Name what went wrong. The driver's text stays in the cause: it may be long and quote documents."""
    codes = _codes(error)
    word = str(min(codes)) if codes else type(error).__name__
    if codes & _LOST_RACE:
        return Conflict("Somebody else wrote this at the same time. Read it again and decide anew.")
    if _passes(error, codes):
        return Unavailable(f"MongoDB did not answer or has no primary now ({word}). Try again later.", code=word)
    if codes & _FORBIDDEN:
        return AccessDenied(f"MongoDB refuses this user or password ({word}). Check MONGODB_URI.", code=word)
    return Rejected(f"MongoDB refused the request ({word}).", code=word)


def refusal_of(conflict: Conflict, taken: str) -> Dd0cError:
    """Say ``taken`` where a unique key is. A race that was lost to the end says nothing of whose it is: it passes."""
    if isinstance(conflict.__cause__, DuplicateKeyError):
        return Conflict(taken)
    return Unavailable("Too much was written here at the same time. Try again in a moment.", code="busy")


def _codes(error: Exception) -> set[int]:
    """Return the server's error codes; a bulk write has one for each operation that failed."""
    codes = {error.code} if isinstance(error, OperationFailure) and error.code is not None else set()
    if isinstance(error, BulkWriteError):
        codes = {failure["code"] for failure in error.details.get("writeErrors", ())} or codes
    return codes


def _passes(error: Exception, codes: set[int]) -> bool:
    if isinstance(error, ConnectionFailure | ExecutionTimeout | WTimeoutError) or codes & _PASSING:
        return True
    return isinstance(error, PyMongoError) and any(map(error.has_error_label, _PASSING_LABELS))

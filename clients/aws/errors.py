"""AWS SDK errors in our own words."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from engine.errors import AccessDenied, Rejected, Throttled, Unavailable, UpstreamError

_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "AuthorizationError",
        "AuthorizationErrorException",
        "InvalidClientTokenId",
        "NotAuthorized",
        "OptInRequired",
        "RegionDisabledException",
        "UnauthorizedException",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
_THROTTLED = frozenset(
    {
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_SERVER_ERROR = 500


@asynccontextmanager
async def translated(doing: str) -> AsyncIterator[None]:
    """Raise the errors of ``engine.errors`` for those of the SDK; ``doing`` says in words what was tried."""
    with translating(doing):
        yield


@contextmanager
def translating(doing: str, without: str = "this bot has no AWS credentials of its own") -> Iterator[None]:
    """The same where nothing is awaited; ``without`` says what is missing where there are no credentials."""
    try:
        yield
    except ClientError as error:
        raise _from_answer(error, doing) from error
    except NoCredentialsError as error:
        raise AccessDenied(f"{doing}: {without}.", code="NoCredentials") from error
    except (BotoCoreError, HTTPError, ResponseParserError, TimeoutError, OSError) as error:
        raise Unavailable(
            f"{doing}: AWS did not answer ({type(error).__name__}).", code=type(error).__name__
        ) from error


def is_gone(error: Rejected) -> bool:
    """Whether AWS says that what was asked for is not there; SageMaker has no code of its own for that."""
    return "NotFound" in error.code or (error.code == "ValidationException" and "Could not find" in str(error))


def _from_answer(error: ClientError, doing: str) -> UpstreamError:
    answer = error.response.get("Error", {})
    code, message = answer.get("Code", "Unknown"), answer.get("Message", "")
    text = f"{doing}: {code}. {message}".strip()
    if code in _DENIED:
        return AccessDenied(text, code=code)
    if code in _THROTTLED:
        return Throttled(text, code=code)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in EXPIRED or status >= _SERVER_ERROR:
        return Unavailable(text, code=code)
    return Rejected(text, code=code)

"""The refusals AWS words, before a protocol gives them their dress."""

from enum import StrEnum


class Protocol(StrEnum):
    """How a service writes its answers: STS and IAM, EC2 with its own XML, CloudTrail in JSON 1.1."""

    QUERY = "query"
    EC2 = "ec2"
    JSON = "json"


class AwsError(Exception):
    """A refusal with the code, sentence and HTTP status that a client would see from AWS."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


_SERVER_FAULTS = {"InternalFailure": 500, "InternalError": 500, "ServiceUnavailable": 503, "Unavailable": 503}
_SENTENCES = {
    "ThrottlingException": "Rate exceeded",
    "InternalFailure": "An internal error has occurred",
    "InternalError": "An internal error has occurred",
    "ServiceUnavailable": "The service is temporarily unavailable",
    "Unavailable": "The service is temporarily unavailable",
}

# Each protocol names the same trouble with credentials differently.
_MISSING = {
    Protocol.QUERY: ("MissingAuthenticationToken", 403),
    Protocol.EC2: ("MissingAuthenticationToken", 403),
    Protocol.JSON: ("MissingAuthenticationTokenException", 400),
}
_INVALID = {
    Protocol.QUERY: ("InvalidClientTokenId", 403),
    Protocol.EC2: ("AuthFailure", 401),
    Protocol.JSON: ("UnrecognizedClientException", 400),
}
_EXPIRED = {
    Protocol.QUERY: ("ExpiredToken", 403),
    Protocol.EC2: ("RequestExpired", 400),
    Protocol.JSON: ("ExpiredTokenException", 400),
}
_DENIED = {
    Protocol.QUERY: ("AccessDenied", 403),
    Protocol.EC2: ("UnauthorizedOperation", 403),
    Protocol.JSON: ("AccessDeniedException", 400),
}


def planned_error(code: str) -> AwsError:
    """An error known by its code alone, with a fitting sentence and HTTP status."""
    return AwsError(code, _SENTENCES.get(code, f"{code} was planned"), _SERVER_FAULTS.get(code, 400))


def missing_credentials(protocol: Protocol) -> AwsError:
    """The request carries no readable signature."""
    code, status = _MISSING[protocol]
    return AwsError(code, "Missing Authentication Token", status)


def invalid_credentials(protocol: Protocol) -> AwsError:
    """The access key or session token is not one we issued, or the Region does not know the account."""
    code, status = _INVALID[protocol]
    return AwsError(code, "The security token included in the request is invalid.", status)


def expired_credentials(protocol: Protocol) -> AwsError:
    """The session has ended."""
    code, status = _EXPIRED[protocol]
    return AwsError(code, "The security token included in the request is expired", status)


def access_denied(protocol: Protocol, caller_arn: str, action: str, resource: str = "") -> AwsError:
    """`caller_arn` may not perform `action`, worded as IAM words it."""
    code, status = _DENIED[protocol]
    where = f" on resource: {resource}" if resource else ""
    sentence = f"User: {caller_arn} is not authorized to perform: {action}{where}"
    if not resource:
        sentence += f" because no identity-based policy allows the {action} action"
    if protocol is Protocol.EC2:
        sentence = f"You are not authorized to perform this operation. {sentence}"
    return AwsError(code, sentence, status)

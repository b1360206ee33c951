"""What every CloudTrail record has around its request and response."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from demo.aws_account.identities import Actor

Record = dict[str, Any]
"""A CloudTrail record, as it stands in a log file."""

GLOBAL_REGION = "us-east-1"
"""Where IAM's records are kept, whoever calls from wherever."""


@dataclass(frozen=True)
class Writer:
    """Writes the records of one account; ids come from `rng` alone."""

    account_id: str
    rng: Random

    def scene(self, actor: Actor, at: datetime, region: str) -> "Scene":
        """Where the next call happens; `at` knows its zone."""
        return Scene(self, actor, at, region)

    def uuid(self) -> str:
        """A random UUID."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def resource_id(self, prefix: str) -> str:
        """A resource id such as `i-0` followed by 16 hexadecimal digits."""
        return f"{prefix}-0{self.rng.getrandbits(64):016x}"


@dataclass(frozen=True)
class Scene:
    """Who calls, when and in which Region: what every builder of a record needs first."""

    writer: Writer
    actor: Actor
    at: datetime
    region: str

    @property
    def account_id(self) -> str:
        """The account it happens in."""
        return self.writer.account_id

    def record(self, source: str, name: str, request: Any, response: Any) -> Record:
        """One write call on a service such as `ec2`."""
        record = {
            "eventVersion": "1.11",
            "userIdentity": self.actor.identity_at(self.at),
            "eventTime": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": self.region,
            "sourceIPAddress": self.actor.source_ip,
            "userAgent": self.actor.user_agent,
            "requestParameters": request,
            "responseElements": response,
            "requestID": self.writer.uuid(),
            "eventID": self.writer.uuid(),
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": self.account_id,
            "eventCategory": "Management",
        }
        if "invokedBy" not in self.actor.identity:
            record["tlsDetails"] = self._tls_details(source)
        return record

    def failed_record(self, source: str, name: str, request: Any, error: tuple[str, str]) -> Record:
        """The same, refused: it has an error's code and message, and no response."""
        code, message = error
        return {**self.record(source, name, request, None), "errorCode": code, "errorMessage": message}

    def _tls_details(self, source: str) -> dict[str, str]:
        host = "iam.amazonaws.com" if source == "iam" else f"{source}.{self.region}.amazonaws.com"
        return {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": host,
        }


def milliseconds(at: datetime) -> int:
    """Epoch milliseconds, as EC2's responses write times."""
    return int(at.timestamp() * 1000)

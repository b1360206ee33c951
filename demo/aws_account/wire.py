"""From an HTTP request to a signed AWS call, and from an answer back to HTTP."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from demo.aws_account.errors import AwsError, Protocol, missing_credentials

_SCOPE = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_JSON_SERVICES = (
    *("bedrock", "ce", "cloudtrail", "dynamodb", "ecs", "eks", "elasticmapreduce", "es", "kafka", "kinesis", "lambda"),
    *("logs", "sagemaker", "tagging"),
)
_PROTOCOLS = {**dict.fromkeys(_JSON_SERVICES, Protocol.JSON), "ec2": Protocol.EC2}
# Services that name their operations by a path; those of which something is asked here.
_PATHS = {
    ("bedrock", "/provisioned-model-throughputs"): "ListProvisionedModelThroughputs",
    ("eks", "/clusters"): "ListClusters",
    ("es", "/2021-01-01/domain"): "ListDomainNames",
    ("kafka", "/api/v2/clusters"): "ListClustersV2",
    ("lambda", "/2015-03-31/functions"): "ListFunctions",
}
_NAMESPACES = {
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "ec2": "http://ec2.amazonaws.com/doc/2016-11-15/",
    "elasticache": "http://elasticache.amazonaws.com/doc/2015-02-02/",
    "elasticloadbalancing": "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    "monitoring": "http://monitoring.amazonaws.com/doc/2010-08-01/",
    "rds": "http://rds.amazonaws.com/doc/2014-10-31/",
    "redshift": "http://redshift.amazonaws.com/doc/2012-12-01/",
}

_JSON_TYPE = "application/x-amz-json-1.1"
Tree = Mapping[str, Any]
"""An answer: a mapping is an element with children, a list the same element again and again."""


@dataclass(frozen=True)
class SignedCall:
    """One AWS call as its sender meant it. The signature itself is not checked, only whose key it names."""

    service: str
    region: str
    access_key_id: str
    session_token: str | None
    operation: str
    params: dict[str, Any]

    @property
    def protocol(self) -> Protocol:
        """The dress its answer must wear."""
        return protocol_of(self.service)

    @property
    def action(self) -> str:
        """The name IAM policies use, such as `ec2:DescribeRegions`."""
        return f"{self.service}:{self.operation}"


@dataclass(frozen=True)
class Answer:
    """Status, content type and body of an HTTP answer."""

    status: int
    content_type: str
    body: bytes


def protocol_of(service: str) -> Protocol:
    """The protocol a service speaks; the old query protocol if we do not know the service."""
    return _PROTOCOLS.get(service, Protocol.QUERY)


def parse_call(headers: Mapping[str, str], body: bytes, path: str = "/") -> SignedCall:
    """Read the credential scope and the operation; AwsError if the request is not a readable AWS call."""
    by_target = "X-Amz-Target" in headers
    scope = _SCOPE.search(headers.get("Authorization", ""))
    if scope is None:
        raise missing_credentials(Protocol.JSON if by_target else Protocol.QUERY)
    params: dict[str, Any]
    by_path = _PATHS.get((scope["service"], path.rstrip("/")))
    if by_path is not None:
        operation, params = by_path, {}
    else:
        operation, params = _parse_target(headers, body) if by_target else _parse_form(body)
    return SignedCall(
        service=scope["service"],
        region=scope["region"],
        access_key_id=scope["key"],
        session_token=headers.get("X-Amz-Security-Token"),
        operation=operation,
        params=params,
    )


def _parse_target(headers: Mapping[str, str], body: bytes) -> tuple[str, dict[str, Any]]:
    operation = headers["X-Amz-Target"].rpartition(".")[2]
    if not operation:
        raise AwsError("UnknownOperationException", "The header X-Amz-Target names no operation")
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise AwsError("SerializationException", "The request body is not a JSON object")
    return operation, params


def _parse_form(body: bytes) -> tuple[str, dict[str, Any]]:
    try:
        params: dict[str, Any] = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True))
    except UnicodeDecodeError:
        raise AwsError("MalformedQueryString", "The request body is not UTF-8 form data") from None
    params.pop("Version", None)
    operation = params.pop("Action", None)
    if not operation:
        raise AwsError("MissingAction", "The request must contain the parameter Action")
    return operation, params


def render_answer(call: SignedCall, tree: Tree, request_id: str) -> Answer:
    """Dress a successful answer in its service's protocol."""
    if call.protocol is Protocol.JSON:
        return Answer(200, _JSON_TYPE, json.dumps(tree).encode())
    root = ET.Element(f"{call.operation}Response", xmlns=_NAMESPACES[call.service])
    if call.protocol is Protocol.EC2:
        _fill(root, {"requestId": request_id, **tree})
    else:
        _fill(
            root,
            {f"{call.operation}Result": tree, "ResponseMetadata": {"RequestId": request_id}},
        )
    return Answer(200, "text/xml", ET.tostring(root))


def render_error(protocol: Protocol, error: AwsError, request_id: str) -> Answer:
    """Dress a refusal in its service's protocol."""
    if protocol is Protocol.JSON:
        body = json.dumps({"__type": error.code, "message": error.message}).encode()
        return Answer(error.status, _JSON_TYPE, body)
    detail = {"Code": error.code, "Message": error.message}
    if protocol is Protocol.EC2:
        root = ET.Element("Response")
        _fill(root, {"Errors": {"Error": detail}, "RequestID": request_id})
    else:
        root = ET.Element("ErrorResponse")
        sender = "Sender" if error.status < 500 else "Receiver"  # noqa: PLR2004 - HTTP's first server error
        _fill(root, {"Error": {"Type": sender, **detail}, "RequestId": request_id})
    return Answer(error.status, "text/xml", ET.tostring(root))


def _fill(parent: ET.Element, tree: Tree) -> None:
    for name, value in tree.items():
        for one in value if isinstance(value, list) else [value]:
            child = ET.SubElement(parent, name)
            if isinstance(one, Mapping):
                _fill(child, one)
            else:
                child.text = str(one)

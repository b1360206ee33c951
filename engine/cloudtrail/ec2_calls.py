"""Where EC2 puts parameters and answers: newer calls wrap both in an object named after the call."""

from engine.cloudtrail.family import Call
from engine.fields import Json, get, text


def asked(call: Call) -> Json:
    """Give the parameters, unwrapped; inside the wrapping their names begin with a capital.

    >>> asked(Call("DeleteVpcEndpoints", {"DeleteVpcEndpointsRequest": {"VpcEndpointId": "vpce-1"}}, {}))
    {'VpcEndpointId': 'vpce-1'}
    """
    wrapped = get(call.request, f"{call.name}Request")
    return wrapped if isinstance(wrapped, dict) else call.request


def answered(call: Call) -> Json:
    """Give the answer, unwrapped.

    >>> answered(Call("CopySnapshot", {}, {"snapshotId": "snap-1"}))
    {'snapshotId': 'snap-1'}
    """
    wrapped = get(call.response, f"{call.name}Response")
    return wrapped if isinstance(wrapped, dict) else call.response


def asked_text(call: Call, name: str) -> str | None:
    """Read a parameter by its name in lower camel case, wrapped or not.

    >>> asked_text(Call("CreateVpcEndpoint", {"CreateVpcEndpointRequest": {"VpcEndpointType": "Interface"}}, {}),
    ...            "vpcEndpointType")
    'Interface'
    """
    parameters = asked(call)
    return text(parameters, name) or text(parameters, name[:1].upper() + name[1:])

"""As much of AWS as a scan asks, in AWS's own shapes: every answer comes after a fixed latency."""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

INSTANCES, VOLUMES, ADDRESSES = 100, 100, 50
RESOURCES_IN_REGION = INSTANCES + VOLUMES + ADDRESSES
_DAYS = 32
_BORN = "2024-01-01T00:00:00.000Z"
_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/")
_EXPIRES = "2099-01-01T00:00:00Z"
Asked = Mapping[str, str]


def build_server(latency_seconds: float) -> web.Application:
    """Give the server; it has no state but the count of its calls."""

    async def handle(request: web.Request) -> web.Response:
        await asyncio.sleep(latency_seconds)
        found = _SCOPE.search(request.headers.get("Authorization", ""))
        region, service = found.groups() if found else ("us-east-1", "sts")
        body = await request.read()
        # Services that speak JSON have nothing here.
        if not request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            return web.json_response({})
        asked = dict(parse_qsl(body.decode()))
        text = _ANSWERS.get(asked.get("Action", ""), _nothing)(region, asked)
        return web.Response(text=text, content_type="text/xml", headers={"x-amzn-requestid": service})

    app = web.Application(client_max_size=1 << 24)
    app.router.add_route("*", "/{tail:.*}", handle)
    return app


def _nothing(_region: str, asked: Asked) -> str:
    action = asked.get("Action", "Any")
    return f"<{action}Response><{action}Result/></{action}Response>"


def _assume(_region: str, _asked: Asked) -> str:
    keys = "<AccessKeyId>ASIABENCH</AccessKeyId><SecretAccessKey>bench</SecretAccessKey>"
    given = f"<Credentials>{keys}<SessionToken>bench</SessionToken><Expiration>{_EXPIRES}</Expiration></Credentials>"
    return f"<AssumeRoleResponse><AssumeRoleResult>{given}</AssumeRoleResult></AssumeRoleResponse>"


def _instances(region: str, asked: Asked) -> str:
    if asked.get("Filter.1.Name"):  # Those that are stopped: none are.
        return "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>"
    items = "".join(
        f"<item><instancesSet><item><instanceId>i-{region}-{number}</instanceId><imageId>ami-1</imageId>"
        f"<instanceState><code>16</code><name>running</name></instanceState><instanceType>m5.large</instanceType>"
        f"<launchTime>{_BORN}</launchTime></item></instancesSet></item>"
        for number in range(INSTANCES)
    )
    return f"<DescribeInstancesResponse><reservationSet>{items}</reservationSet></DescribeInstancesResponse>"


def _volumes(region: str, _asked: Asked) -> str:
    items = "".join(
        f"<item><volumeId>vol-{region}-{number}</volumeId><size>100</size><status>in-use</status>"
        f"<volumeType>gp3</volumeType><iops>3000</iops><createTime>{_BORN}</createTime><attachmentSet><item>"
        f"<instanceId>i-{region}-{number}</instanceId><status>attached</status></item></attachmentSet></item>"
        for number in range(VOLUMES)
    )
    return f"<DescribeVolumesResponse><volumeSet>{items}</volumeSet></DescribeVolumesResponse>"


def _addresses(region: str, _asked: Asked) -> str:
    items = "".join(
        f"<item><publicIp>192.0.2.1</publicIp><allocationId>eipalloc-{region}-{number}</allocationId></item>"
        for number in range(ADDRESSES)
    )
    return f"<DescribeAddressesResponse><addressesSet>{items}</addressesSet></DescribeAddressesResponse>"


def _metrics(_region: str, asked: Asked) -> str:
    """Every other resource is used; all have a value for each day."""
    end = datetime.fromisoformat(asked["EndTime"]).astimezone(UTC)
    days = [(end - timedelta(days=day + 1)).strftime("%Y-%m-%dT%H:%M:%SZ") for day in range(_DAYS)]
    times = "".join(f"<member>{day}</member>" for day in days)
    results, number = [], 1
    while prefix_id := asked.get(f"MetricDataQueries.member.{number}.Id"):
        named = asked[f"MetricDataQueries.member.{number}.MetricStat.Metric.Dimensions.member.1.Value"]
        value = f"<member>{'1.0' if int(named.rpartition('-')[2]) % 2 else '60000000.0'}</member>" * _DAYS
        results.append(
            f"<member><Id>{prefix_id}</Id><StatusCode>Complete</StatusCode><Timestamps>{times}</Timestamps>"
            f"<Values>{value}</Values></member>"
        )
        number += 1
    found = f"<MetricDataResults>{''.join(results)}</MetricDataResults>"
    return f"<GetMetricDataResponse><GetMetricDataResult>{found}</GetMetricDataResult></GetMetricDataResponse>"


_ANSWERS: Mapping[str, Callable[[str, Asked], str]] = {
    "AssumeRole": _assume,
    "DescribeInstances": _instances,
    "DescribeVolumes": _volumes,
    "DescribeAddresses": _addresses,
    "GetMetricData": _metrics,
}


def serve(latency_seconds: float, port_told: Any) -> None:
    """Serve until the process is ended; the port goes into ``port_told``."""
    asyncio.run(_serve(latency_seconds, port_told))


async def _serve(latency_seconds: float, port_told: Any) -> None:
    runner = web.AppRunner(build_server(latency_seconds), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port_told.send(runner.addresses[0][1])
    await asyncio.Event().wait()

"""The three trackers over HTTP, and addresses that must not be called."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from clients.public_resolver import PublicResolver
from clients.tickets.guarded import GuardedWeb
from clients.tickets.systems import TicketSystems
from engine.errors import AccessDenied, NotFound, Rejected, Throttled, Unavailable, UpstreamError
from engine.models.ticket import TicketDraft, Tracker, TrackerKind, TrackerPlace
from engine.public_addresses import is_public
from engine.tracker_forms import read_tracker, wrong_url
from tests.fixtures.trackers import LOGIN, TOKEN, TrackerServer

DRAFT = TicketDraft(
    title="AWS: 100 x m5.large in eu-west-1, $9.60 an hour, by maria",
    facts=("Cost: $9.60 an hour", "Who: @everyone (arn:aws:iam::1:user/x)"),
    commands=("aws ec2 stop-instances --region eu-west-1 --instance-ids i-0a1",),
    marker="dd0c-7f3a",
    since=datetime(2026, 3, 4, tzinfo=UTC),
)
OTHER = TicketDraft(title="b", facts=("x",), commands=(), marker="dd0c-9", since=DRAFT.since)
PROJECTS = {TrackerKind.JIRA: "OPS", TrackerKind.GITHUB: "acme/infra", TrackerKind.LINEAR: "OPS"}
KEYS = {TrackerKind.JIRA: "OPS-1", TrackerKind.GITHUB: "acme/infra#1", TrackerKind.LINEAR: "OPS-1"}
UNKNOWN = {TrackerKind.JIRA: "ELSE", TrackerKind.GITHUB: "evil/infra", TrackerKind.LINEAR: "ELSE"}
SYSTEMS = TicketSystems(local=True)
kinds = pytest.mark.parametrize("kind", TrackerKind)


@pytest.fixture
async def server() -> AsyncIterator[TrackerServer]:
    async with TrackerServer() as made:
        yield made


def tracker(server: TrackerServer, kind: TrackerKind, *, project: str = "", token: str = TOKEN) -> Tracker:
    place = TrackerPlace(kind=kind, base_url=server.url, project=project or PROJECTS[kind], login=LOGIN)
    return Tracker(place=place, token=token)


@kinds
async def test_a_ticket_is_made_and_found_again(server: TrackerServer, kind: TrackerKind) -> None:
    there = tracker(server, kind)
    await SYSTEMS.check(there)
    assert await SYSTEMS.find_ticket(there, DRAFT) is None
    made = await SYSTEMS.make_ticket(there, DRAFT)
    assert made.key == KEYS[kind]
    assert made.url.startswith(("https://", server.url))
    assert await SYSTEMS.find_ticket(there, DRAFT) == made
    assert await SYSTEMS.find_ticket(there, OTHER) is None
    assert all(part in server.everything() for part in ("$9.60", "stop-instances", "100 x m5.large"))


@kinds
async def test_a_comment_stands_below_its_ticket(server: TrackerServer, kind: TrackerKind) -> None:
    there = tracker(server, kind)
    await SYSTEMS.make_ticket(there, OTHER)
    made = await SYSTEMS.make_ticket(there, DRAFT)
    await SYSTEMS.add_comment(there, DRAFT, made, "It stays open.")
    assert server.comments == [(made.key, "It stays open.")]


@kinds
async def test_a_refused_token(server: TrackerServer, kind: TrackerKind) -> None:
    with pytest.raises(AccessDenied) as refused:
        await SYSTEMS.check(tracker(server, kind, token="another-token"))
    assert "another-token" not in str(refused.value)


@kinds
async def test_a_project_that_is_not_there(server: TrackerServer, kind: TrackerKind) -> None:
    with pytest.raises(NotFound):
        await SYSTEMS.check(tracker(server, kind, project=UNKNOWN[kind]))


@kinds
@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (429, {"Retry-After": "120"}, Throttled),
        (429, {"Retry-After": "soon"}, Throttled),
        (403, {"x-ratelimit-remaining": "0"}, Throttled),
        (403, {}, AccessDenied),
        (302, {"Location": "http://169.254.169.254/"}, Rejected),
        (422, {}, Rejected),
        (503, {}, Unavailable),
    ],
)
async def test_answers_that_refuse(
    server: TrackerServer, kind: TrackerKind, status: int, headers: dict[str, str], error: type[UpstreamError]
) -> None:
    server.refuse = [web.json_response({"message": "no"}, status=status, headers=headers)]
    with pytest.raises(error):
        await SYSTEMS.check(tracker(server, kind))
    assert len(server.calls) == 1


async def test_linear_says_in_its_own_way_that_it_has_too_many_requests(server: TrackerServer) -> None:
    said = {"errors": [{"message": "slow", "extensions": {"code": "RATELIMITED"}}]}
    server.refuse = [web.json_response(said, status=400)]
    with pytest.raises(Throttled):
        await SYSTEMS.check(tracker(server, TrackerKind.LINEAR))


@kinds
@pytest.mark.parametrize(
    "body", ["", "nonsense", "[]", "null", '{"issues": 7, "data": null, "key": []}', '{"data": []}']
)
async def test_answers_that_are_no_answers(server: TrackerServer, kind: TrackerKind, body: str) -> None:
    """What exists after such an answer nobody knows, so it must not pass for a ticket that was made."""
    server.refuse = [web.Response(text=body) for _ in range(2)]
    with pytest.raises((UpstreamError, NotFound)):
        await SYSTEMS.make_ticket(tracker(server, kind), DRAFT)


@kinds
async def test_a_connection_that_is_cut_leaves_a_doubt(server: TrackerServer, kind: TrackerKind) -> None:
    server.lose = 1
    with pytest.raises(Unavailable):
        await SYSTEMS.make_ticket(tracker(server, kind), DRAFT)
    found = await SYSTEMS.find_ticket(tracker(server, kind), DRAFT)
    assert found is not None
    assert found.key == KEYS[kind]


async def test_an_answer_without_end_is_cut_off(server: TrackerServer) -> None:
    server.refuse = [web.Response(text="x" * (3 << 20))]
    with pytest.raises(Rejected, match="more than anything"):
        await SYSTEMS.check(tracker(server, TrackerKind.GITHUB))


async def test_names_in_a_ticket_call_nobody(server: TrackerServer) -> None:
    await SYSTEMS.make_ticket(tracker(server, TrackerKind.GITHUB), DRAFT)
    body = server.made[0]["body"]
    assert body.index("```text") < body.index("@everyone") < body.index("```\n\nHow")


async def test_this_machine_is_not_called_without_leave(server: TrackerServer) -> None:
    with pytest.raises(Rejected):
        await TicketSystems().check(tracker(server, TrackerKind.GITHUB))
    assert server.calls == []


class Names:
    """A resolver that answers what it was told."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(self, host: str, port: int, family: int) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=0, flags=0)
            for one in self._addresses
        ]


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.0.1"]
)
async def test_a_public_name_that_leads_inside(address: str) -> None:
    resolver = PublicResolver(resolver=Names("93.184.216.34", address))
    with pytest.raises(OSError, match="private network"):
        await resolver.resolve("tickets.example", 443)


async def test_a_public_name_that_leads_outside() -> None:
    [found] = await PublicResolver(resolver=Names("93.184.216.34")).resolve("tickets.example", 443)
    assert found["host"] == "93.184.216.34"


async def test_a_name_on_this_machine_is_met_by_the_guard_of_names() -> None:
    """``localhost`` written so that the first look lets it pass is caught when it is resolved."""
    with pytest.raises((Unavailable, Rejected)):
        await GuardedWeb().call("GET", "https://localhost.localdomain.example:1/", headers={})


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.atlassian.net",
        "https://user:secret@acme.atlassian.net",
        "https://acme.atlassian.net?x=1",
        "https://127.0.0.1",
        "https://127.1",
        "https://2130706433",
        "https://0x7f000001",
        "https://0177.0.0.1",
        "https://[::1]",
        "https://[::ffff:10.0.0.1]",
        "https://[64:ff9b::7f00:1]",
        "https://localhost",
        "https://jira",
        "https://jira.internal",
        "https://metadata.google.internal",
        "ftp://acme.atlassian.net",
        "",
        "https://",
        "javascript:alert(1)",
        "https://acme.atlassian.net/\nHost: evil",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    assert wrong_url(url, local=False)


@pytest.mark.parametrize(
    "url", ["https://acme.atlassian.net", "https://git.acme.example/api/v3", "https://93.184.216.34"]
)
def test_addresses_that_are_taken(url: str) -> None:
    assert wrong_url(url, local=False) == {}


@given(st.ip_addresses())
def test_only_what_python_calls_global_is_public(address: Any) -> None:
    assert not is_public(str(address)) or address.is_global


@given(
    st.dictionaries(st.sampled_from(["base_url", "project", "login", "token"]), st.text(max_size=80)),
    st.sampled_from(TrackerKind),
)
def test_any_form_gives_a_tracker_or_says_what_is_wrong(values: dict[str, str], kind: TrackerKind) -> None:
    read, errors = read_tracker(kind, values)
    assert (read is None) == bool(errors)
    token = values.get("token", "").strip()
    assert not token or len(token) < 8 or token not in str(errors)


def test_a_token_is_not_printed() -> None:
    read, _ = read_tracker(TrackerKind.LINEAR, {"project": "ops", "token": "lin_api_secret"})
    assert read is not None
    assert read.place.project == "OPS"
    assert "secret" not in repr(read) + str([read])

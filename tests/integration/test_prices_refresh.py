"""Refreshing prices from a server that serves files in the shape of AWS's, and misbehaves in all the ways we know."""

import asyncio
import datetime as dt
import gzip
import re
import sys
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.commands.prices import PricesSetup, prices
from clients.prices import load_price_table
from clients.prices.files import encode_sheets, replace_file
from clients.prices.folder import RefreshFolder
from clients.prices.packaged import load_sheets
from clients.prices.refresh import PriceRefresh, RefreshResult, Target, replace_table
from clients.prices.source import PriceListSource, open_session
from engine.errors import Conflict, InputError, Unavailable
from engine.pricing.checks import GOLDEN_SKUS
from engine.pricing.sheets import make_sheet, offer_of
from engine.pricing.table import Rate
from tests.integration.price_list_server import ROOT, Fault, PriceListServer, csv_path, price_list_server
from tests.unit.pricing.price_csv import Row, ec2_row, offer_csv, price_row, rds_row

pytestmark = pytest.mark.integration

TODAY = dt.date(2026, 11, 21)
REGIONS = ("us-east-1", "eu-west-1")
EC2_US, EC2_EU = csv_path("AmazonEC2", "us-east-1"), csv_path("AmazonEC2", "eu-west-1")


class Quiet:
    """Counts what a refresh reports."""

    def __init__(self) -> None:
        self.bytes_received = 0
        self.outcomes: dict[tuple[str, str], str] = {}

    def planned(self, files: int) -> None:
        pass

    def received(self, byte_count: int) -> None:
        self.bytes_received += byte_count

    def finished(self, target: Target, outcome: str) -> None:
        self.outcomes[target.offer, target.region] = outcome


@pytest.fixture
async def server() -> AsyncIterator[PriceListServer]:
    async with price_list_server() as running:
        running.publish({("AmazonEC2", region): _ec2_csv(region) for region in REGIONS})
        yield running


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A small table, newer than the packaged one, where everything costs a dollar."""
    path = tmp_path / "prices.json.gz"
    offers = {offer_of(sku) or "" for sku in GOLDEN_SKUS}
    sheets = [
        make_sheet(
            offer,
            "list",
            dt.date(2026, 11, 1),
            "the old table",
            {region: {sku: 1.0 for sku in GOLDEN_SKUS if offer_of(sku) == offer} for region in REGIONS},
        )
        for offer in offers
    ]
    sheets.append(make_sheet("AmazonEKS", "seed", dt.date(2026, 11, 1), "hand", {"us-east-1": {"eks/cluster": 0.1}}))
    replace_file(path, encode_sheets(sheets))
    return path


def _ec2_rows(region: str, usd: float = 2.0) -> list[Row]:
    rows = [ec2_row(sku.removeprefix("ec2/"), usd) for sku in GOLDEN_SKUS if sku.startswith("ec2/")]
    rows += [
        price_row(usd * 730, "GB-Mo", Product_Family="Storage", usageType="EBS:VolumeUsage.gp3", Volume_API_Name="gp3"),
        price_row(usd, Product_Family="NAT Gateway", usageType="NatGateway-Hours"),
        ec2_row("m5.large", 0.5, TermType="Reserved"),
        ec2_row("m5.large", 9.0, Operating_System="Windows"),
        ec2_row("m5.large", 9.0, Location_Type="AWS Local Zone"),
    ]
    return [row | {"Region Code": region} for row in rows]


def _ec2_csv(region: str, usd: float = 2.0) -> str:
    return offer_csv("AmazonEC2", _ec2_rows(region, usd))


async def _refresh(
    server: PriceListServer, out: Path, offers: tuple[str, ...] = ("AmazonEC2",), progress: Quiet | None = None
) -> RefreshResult:
    async def no_wait(_seconds: float) -> None:
        pass

    folder = RefreshFolder(out.with_name("work"))
    async with open_session() as session:
        source = PriceListSource(session, server.base_url, no_wait)
        return await PriceRefresh(source, folder, progress or Quiet()).run(offers, REGIONS, TODAY)


def _content(path: Path) -> bytes:
    return path.read_bytes()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not condition():  # noqa: ASYNC110 - another process writes the file; nobody here can set an Event.
            await asyncio.sleep(0.02)


async def _dd0c(out: Path, *words: str) -> Result:
    """Run the command as a person would; in a thread, because it brings its own event loop."""
    setup = PricesSetup(out.parent, lambda: TODAY)
    return await asyncio.to_thread(lambda: CliRunner().invoke(prices, words, obj=setup))


async def test_refreshed_prices_replace_the_old_and_all_else_stays(server: PriceListServer, out: Path) -> None:
    done = await _dd0c(out, "refresh", "--offers", "AmazonEC2", "--base-url", server.base_url)
    assert done.exit_code == 0, done.output
    table = load_price_table(out)
    assert table.published == dt.date(2026, 11, 20)
    assert table.rate("ec2/m5.large", "eu-west-1") == Rate(2.0, "list")
    assert table.rate("rds/mysql/db.m5.large/single", "eu-west-1") == Rate(1.0, "list")
    assert table.rate("eks/cluster", "us-east-1") == Rate(0.1, "seed")
    shown = await _dd0c(out, "show", "m5.large")
    assert "published   2026-11-20" in shown.stdout
    shown = await _dd0c(out, "show", "db.m5.large")
    assert "source      the old table" in shown.stdout


async def test_a_second_refresh_downloads_nothing_and_writes_the_same_bytes(server: PriceListServer, out: Path) -> None:
    words = ("refresh", "--offers", "AmazonEC2", "--base-url", server.base_url)
    await _dd0c(out, *words)
    first = _content(out)
    done = await _dd0c(out, *words)
    assert done.exit_code == 0, done.output
    assert _content(out) == first
    assert [seen.status for seen in server.requests(EC2_US)] == [200, 304]


SEEDED = {
    "AmazonMemoryDB": ("memorydb/db.r6g.large", {"usageType": "NodeUsage:db.r6g.large"}),
    "AmazonDAX": ("dax/dax.t3.small", {"usageType": "NodeUsage:dax.t3.small"}),
    "AmazonES": ("aoss/ocu", {"usageType": "IndexingOCU"}),
    "ElasticMapReduce": (
        "emr/surcharge/m5.xlarge",
        {"usageType": "BoxUsage:m5.xlarge", "Product_Family": "Elastic Map Reduce Instance"},
    ),
    "AmazonVPC": ("vpn/connection/hour", {"usageType": "VPN-Usage-Hours:ipsec.1"}),
    "AWSNetworkFirewall": ("networkfirewall/endpoint/hour", {"usageType": "Endpoint-Hour"}),
    "AmazonRoute53": ("route53resolver/interface/hour", {"usageType": "ResolverNetworkInterface"}),
    "AWSTransfer": ("transfer/protocol", {"usageType": "ProtocolHours"}),
}


async def test_a_refresh_brings_list_prices_for_what_was_entered_by_hand(server: PriceListServer, out: Path) -> None:
    files = {(offer, "us-east-1"): offer_csv(offer, [price_row(0.5, **row)]) for offer, (_, row) in SEEDED.items()}
    server.publish(files)
    words = ("--regions", "us-east-1", "--offers", ",".join(SEEDED), "--base-url", server.base_url)
    done = await _dd0c(out, "refresh", *words)
    assert done.exit_code == 0, done.output
    table = load_price_table(out)
    found = {sku: table.rate(sku, "us-east-1") for sku, _ in SEEDED.values()}
    assert found == dict.fromkeys(found, Rate(0.5, "list"))


async def test_a_whole_real_region_goes_through(server: PriceListServer, tmp_path: Path) -> None:
    packaged = load_price_table().rates["eu-west-1"]
    rows = [_row_of(sku, rate.usd_per_hour) for sku, rate in packaged.items() if offer_of(sku) == "AmazonEC2"]
    server.publish(
        {("AmazonEC2", "eu-west-1"): offer_csv("AmazonEC2", [row | {"Region Code": "eu-west-1"} for row in rows])}
    )
    out = tmp_path / "new" / "prices.json.gz"
    words = ("--regions", "eu-west-1", "--offers", "AmazonEC2", "--base-url", server.base_url, "--out", str(out))
    done = await _dd0c(tmp_path / "x", "refresh", *words)
    assert done.exit_code == 0, done.output
    refreshed = load_price_table(out).rates["eu-west-1"]
    assert {sku: rate.usd_per_hour for sku, rate in refreshed.items()} == pytest.approx(
        {sku: rate.usd_per_hour for sku, rate in packaged.items()}, rel=1e-5
    )


def _row_of(sku: str, usd: float) -> Row:
    service, kind, *rest = sku.split("/")
    match [service, *rest]:
        case ["ec2"]:
            return ec2_row(kind, usd)
        case ["nat"]:
            return price_row(usd, Product_Family="NAT Gateway", usageType="EU-NatGateway-Hours")
        case ["ebs", "iops"]:
            usage = f"EU-EBS:VolumeP-IOPS.{kind.replace('io1', 'piops')}"
            return price_row(usd * 730, "IOPS-Mo", Product_Family="System Operation", usageType=usage)
        case ["ebs", "mibps"]:
            usage = "EU-EBS:VolumeP-Throughput.gp3"
            return price_row(usd * 730 * 1024, "GiBps-mo", Product_Family="Provisioned Throughput", usageType=usage)
    if kind == "snapshot":
        return price_row(usd * 730, "GB-Mo", Product_Family="Storage Snapshot", usageType="EU-EBS:SnapshotUsage")
    usage = f"EU-EBS:VolumeUsage.{kind}"
    return price_row(usd * 730, "GB-Mo", Product_Family="Storage", usageType=usage, Volume_API_Name=kind)


async def test_a_broken_connection_is_continued_where_it_broke(server: PriceListServer, out: Path) -> None:
    server.faults[EC2_US] = [Fault(cut_after=1000), Fault(cut_after=500)]
    progress = Quiet()
    fresh = await _refresh(server, out, progress=progress)
    assert fresh.failures == ()
    assert [seen.headers.get("Range") for seen in server.requests(EC2_US)] == [None, "bytes=1000-", "bytes=1500-"]
    assert progress.bytes_received == len(server.files[EC2_US]) + len(server.files[EC2_EU])
    assert fresh.sheets[0].usd_per_hour["us-east-1"] == (2.0,) * 8


async def test_an_interrupted_refresh_goes_on_when_started_again(server: PriceListServer, out: Path) -> None:
    server.faults[EC2_US] = [Fault(cut_after=1000), *[Fault(status=503)] * 3]
    first = await _refresh(server, out)
    assert [failure.partition(":")[0] for failure in first.failures] == ["AmazonEC2 in us-east-1"]
    server.seen.clear()
    second = await _refresh(server, out)
    assert second.failures == ()
    assert [seen.headers.get("Range") for seen in server.requests(EC2_US)] == ["bytes=1000-"]
    assert [seen.status for seen in server.requests(EC2_EU)] == [304]


async def test_a_killed_refresh_goes_on_when_started_again(server: PriceListServer, out: Path) -> None:
    server.faults[EC2_US] = [Fault(cut_after=1000, stalls=True)]
    words = ("refresh", "--offers", "AmazonEC2", "--base-url", server.base_url, "--out", str(out))
    start = "from bot.commands.prices import prices; prices()"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", start, *words, stderr=asyncio.subprocess.PIPE)
    try:
        await _until(lambda: _size(out.with_name("prices.json.gz.refresh") / "AmazonEC2.us-east-1.part") == 1000)
    finally:
        process.kill()
        await process.communicate()
    done = await _dd0c(out, *words)
    assert done.exit_code == 0, done.output
    assert [seen.headers.get("Range") for seen in server.requests(EC2_US)] == [None, "bytes=1000-"]
    assert load_price_table(out).rate("ec2/m5.large", "us-east-1") == Rate(2.0, "list")


async def test_a_part_that_was_whole_is_not_downloaded_again(server: PriceListServer, out: Path) -> None:
    whole = len(server.files[EC2_US])
    server.faults[EC2_US] = [Fault(cut_after=whole - 1), Fault(cut_after=1)]
    assert (await _refresh(server, out)).failures == ()
    etag = server.requests(EC2_US)[-1].headers["If-Range"]
    part = RefreshFolder(out.with_name("work")).part("AmazonEC2", "us-east-1")
    part.begin(EC2_US, etag)
    part.append(server.files[EC2_US])
    fresh = await _refresh(server, out)
    assert fresh.failures == ()
    assert server.requests(EC2_US)[-1].status == 416


async def test_a_file_that_changed_meanwhile_is_downloaded_from_the_start(server: PriceListServer, out: Path) -> None:
    server.faults[EC2_US] = [Fault(cut_after=1000), *[Fault(status=500)] * 3]
    await _refresh(server, out)
    server.files[EC2_US] = _ec2_csv("us-east-1", usd=3.0).encode()
    fresh = await _refresh(server, out)
    assert server.requests(EC2_US)[-1].status == 200
    assert fresh.sheets[0].usd_per_hour["us-east-1"] == (3.0,) * 8


async def test_a_server_that_sends_another_range_is_started_over(server: PriceListServer, out: Path) -> None:
    wrong = Fault(headers={"Content-Range": "bytes 7-99/100"})
    server.faults[EC2_US] = [Fault(cut_after=1000), wrong]
    fresh = await _refresh(server, out)
    assert [seen.status for seen in server.requests(EC2_US)] == [200, 206, 200]
    assert fresh.sheets[0].usd_per_hour["us-east-1"] == (2.0,) * 8


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_an_error_that_may_pass_is_tried_again(server: PriceListServer, out: Path, status: int) -> None:
    for path in (f"{ROOT}/index.json", EC2_US):
        server.faults[path] = [Fault(status=status)] * 2
    assert (await _refresh(server, out)).failures == ()


@pytest.mark.parametrize(("status", "requests"), [(404, 1), (403, 1), (302, 1), (500, 4)])
async def test_a_file_that_fails_does_not_stop_the_others(
    server: PriceListServer, out: Path, status: int, requests: int
) -> None:
    server.faults[EC2_US] = [Fault(status=status, headers={"Location": "/elsewhere"})] * 9
    fresh = await _refresh(server, out)
    assert fresh.failures == (f"AmazonEC2 in us-east-1: {EC2_US} answered {status}",)
    assert len(server.requests(EC2_US)) == requests
    table = replace_table(out, fresh, load_sheets(out))
    assert table.rate("ec2/m5.large", "us-east-1") == Rate(1.0, "list")
    assert table.rate("ec2/m5.large", "eu-west-1") == Rate(2.0, "list")


async def test_failures_are_told_and_the_exit_status_is_1(server: PriceListServer, out: Path) -> None:
    server.faults[EC2_US] = [Fault(status=404)]
    done = await _dd0c(out, "refresh", "--offers", "AmazonEC2,AmazonEKS", "--base-url", server.base_url)
    assert done.exit_code == 1
    assert "failed: AmazonEKS: AWS's index does not list it" in done.stderr
    assert "failed: AmazonEC2 in us-east-1" in done.stderr
    assert "2 parts failed and keep their old prices" in done.stderr


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_ec2_csv("us-east-1")[:-40].encode(), r"cut off|not CSV"),
        (b"", "not the price list of AmazonEC2"),
        (b"\xff\xfe\x00rubbish", "not UTF-8"),
        (gzip.compress(_ec2_csv("us-east-1").encode()), "not UTF-8"),
        (b"x" * 200_000, "not a price"),
        (offer_csv("AmazonRDS", []).encode(), "not the price list of AmazonEC2"),
        (offer_csv("AmazonEC2", []).encode(), "none of its 0 rows"),
        (_ec2_csv("us-east-1", usd=-2.0).encode(), "rows cannot be read"),
        (_ec2_csv("us-east-1", usd=0.0).encode(), "none of its"),
    ],
)
async def test_a_file_that_is_not_what_it_should_be_keeps_the_old_prices(
    server: PriceListServer, out: Path, content: bytes, reason: str
) -> None:
    server.files[EC2_US] = content
    fresh = await _refresh(server, out)
    assert list(fresh.sheets[0].usd_per_hour) == ["eu-west-1"]
    assert len(fresh.failures) == 1
    assert re.search(reason, fresh.failures[0])


async def test_a_few_bad_rows_are_counted_and_left_out(server: PriceListServer, out: Path) -> None:
    rows = [*_ec2_rows("us-east-1"), ec2_row("c7g.large", "soon")]
    server.files[EC2_US] = offer_csv("AmazonEC2", rows).encode()
    progress = Quiet()
    fresh = await _refresh(server, out, progress=progress)
    assert fresh.failures == ()
    assert progress.outcomes["AmazonEC2", "us-east-1"] == "8 prices, 1 bad rows"


async def test_a_compressed_answer_is_refused(server: PriceListServer, out: Path) -> None:
    server.faults[EC2_US] = [Fault(headers={"Content-Encoding": "gzip"})]
    assert "came compressed" in (await _refresh(server, out)).failures[0]


@pytest.mark.parametrize(
    "path",
    [
        "http://169.254.169.254/latest/meta-data/index.json",
        "//example.com/index.json",
        "/offers/v1.0/aws/../../../secret.json",
        "/offers/v1.0/aws/AmazonEC2/index.json?x=1",
        "@example.com/index.json",
    ],
)
async def test_an_index_cannot_lead_elsewhere(server: PriceListServer, out: Path, path: str) -> None:
    server.put_regions("AmazonEC2", {"us-east-1": path})
    fresh = await _refresh(server, out)
    assert fresh.sheets == ()
    assert "which is not one of its own files" in fresh.failures[0]


async def test_a_region_cannot_name_a_file_elsewhere(server: PriceListServer, out: Path) -> None:
    server.put_regions("AmazonEC2", {"../../us-east-1": f"{ROOT}/x.json", "us-east-1": EC2_US[:-3] + "json"})
    fresh = await _refresh(server, out)
    assert list(fresh.sheets[0].usd_per_hour) == ["us-east-1"]
    assert fresh.failures == ("eu-west-1: no offer is sold there",)


@pytest.mark.parametrize(
    "index", [b"<html>", b"[]", b"\xff", b'{"publicationDate": "soon", "offers": {}}', b"{}", b" " * 9_000_000]
)
async def test_an_index_that_is_none_is_refused(server: PriceListServer, out: Path, index: bytes) -> None:
    server.files[f"{ROOT}/index.json"] = index
    with pytest.raises(InputError, match=r"not an index|no index is"):
        await _refresh(server, out)


async def test_a_price_list_from_the_future_is_refused(server: PriceListServer, out: Path) -> None:
    server.publish({("AmazonEC2", "us-east-1"): _ec2_csv("us-east-1")}, published="2031-01-01T00:00:00Z")
    with pytest.raises(InputError, match="in the future"):
        await _refresh(server, out)


async def test_a_server_that_is_not_there_is_said_so(out: Path) -> None:
    async with price_list_server() as gone:
        pass
    before = _content(out)
    with pytest.raises(Unavailable, match="cannot be reached or broke off"):
        await _refresh(gone, out)
    assert _content(out) == before


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (_ec2_rows("us-east-1", usd=6.0), "prices changed by more than a factor of 5"),
        (_ec2_rows("us-east-1")[:4], "rows were lost"),
        (_ec2_rows("us-east-1")[1:], "types everybody uses are missing .*ec2/t3.micro"),
        ([*_ec2_rows("us-east-1"), ec2_row("m5.xlarge", 9.0)], "sizes of a family do not cost in proportion"),
    ],
)
async def test_a_table_that_fails_its_checks_replaces_nothing(
    server: PriceListServer, out: Path, rows: list[Row], reason: str
) -> None:
    server.files[EC2_US] = offer_csv("AmazonEC2", rows).encode()
    before = _content(out)
    fresh = await _refresh(server, out)
    with pytest.raises(Conflict, match=reason):
        replace_table(out, fresh, load_sheets(out))
    assert _content(out) == before


async def test_two_refreshes_of_one_table_do_not_meet(server: PriceListServer, out: Path) -> None:
    words = ("refresh", "--offers", "AmazonEC2", "--base-url", server.base_url)
    with RefreshFolder(out.with_name("prices.json.gz.refresh")).reserved():
        done = await _dd0c(out, *words)
    assert done.exit_code == 1
    assert "Another refresh of this price table is running" in done.stderr
    assert (await _dd0c(out, *words)).exit_code == 0


async def test_unknown_offers_are_refused_before_anything_is_fetched(server: PriceListServer, out: Path) -> None:
    done = await _dd0c(out, "refresh", "--offers", "AmazonEC2,Amazon", "--base-url", server.base_url)
    assert done.exit_code == 2
    assert "unknown offers Amazon; known are AmazonEC2" in done.stderr
    assert server.seen == []


async def test_a_large_file_is_read_in_little_memory(server: PriceListServer, out: Path) -> None:
    noise = rds_row("db.r5.large", 9.0, TermType="Reserved", PriceDescription="x" * 2000)
    rows = [noise] * 10_000 + [rds_row("db.m5.large", 0.171) | {"Region Code": "eu-west-1"}]
    content = offer_csv("AmazonRDS", rows)
    server.publish({("AmazonRDS", "eu-west-1"): content})
    tracemalloc.start()
    try:
        fresh = await _refresh(server, out, ("AmazonRDS",))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert fresh.sheets[0].usd_per_hour == {"eu-west-1": (0.171,)}
    assert len(content) > 20_000_000
    assert peak < 4_000_000

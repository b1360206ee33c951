"""Prices everybody knows, us-east-1, checked by hand against two sources each."""

import pytest

from engine.pricing.table import PriceTable

HOURS = 730

EC2 = """
t3.micro .0104  t3.small .0208  t3.medium .0416  t3.large .0832  t3.xlarge .1664  t4g.medium .0336  m5.large .096
m5.xlarge .192  m5.2xlarge .384  m6i.large .096  m6a.large .0864  m7i.large .1008  m7g.large .0816  m8g.large .08976
c5.xlarge .17  c5.24xlarge 4.08  c6i.xlarge .17  c7g.large .0725  r5.large .126  r6i.large .126  r6i.32xlarge 8.064
g4dn.xlarge .526  g5.xlarge 1.006  g5.12xlarge 5.672  g5.48xlarge 16.288  g6.xlarge .8048  p3.2xlarge 3.06
p4d.24xlarge 21.957642  p5.48xlarge 55.04  p5en.48xlarge 63.296  p6-b200.48xlarge 113.9328  trn1.32xlarge 21.50
inf2.xlarge .7582
"""
RDS_MYSQL_POSTGRES = """
t3.micro .017/.018  t3.small .034/.036  t3.medium .068/.072  t4g.micro .016  t4g.small .032  t4g.medium .065
t4g.large .129  m5.large .171/.178  m5.xlarge .342/.356  m5.2xlarge .684/.712  m6g.large .152/.159
m6i.large .171/.178  r5.large .24/.25  r5.xlarge .48/.50  r5.2xlarge .96/1.00  r6g.large .215/.225
r6g.xlarge .43/.45  r6i.large .24/.25  r6i.32xlarge 15.36/16.00
"""
MONTHLY = """
ebs/gp3/gb .08  ebs/gp2/gb .10  ebs/io1/gb .125  ebs/io2/gb .125  ebs/st1/gb .045  ebs/sc1/gb .015
ebs/standard/gb .05  ebs/snapshot/gb .05  ebs/gp3/iops .005  ebs/gp3/mibps .04  ebs/io2/iops .065  ebs/io1/iops .065
opensearch/storage/gp2/gb .135  opensearch/storage/gp3/gb .122  msk/storage/gb .10
rds/storage/gp2/gb .115  rds/storage/gp3/gb .115  rds/storage/io1/gb .125  rds/storage/io2/gb .125
"""
HOURLY = """
nat/hour .045  ipv4/hour .005  elb/application .0225  elb/network .0225  elb/classic .025  elb/gateway .0125
elasticache/redis/cache.t3.micro .017  elasticache/redis/cache.t4g.micro .016  elasticache/redis/cache.m5.large .156
elasticache/redis/cache.m6g.large .149  elasticache/redis/cache.r5.large .216  elasticache/redis/cache.r6g.large .206
elasticache/valkey/cache.m5.large .1248  opensearch/t3.small .036  opensearch/m5.large .142
opensearch/m6g.large .128  opensearch/r6g.large .167  msk/t3.small .0456  msk/m5.large .21  redshift/dc2.large .25
redshift/ra3.xlplus 1.086  redshift/ra3.4xlarge 3.26  redshift/ra3.16xlarge 13.04  fargate/vcpu .04048
fargate/gb .004445  eks/cluster .10  eks/cluster-extended .60  aurora/acu .12  dynamodb/wcu .00065
dynamodb/rcu .00013  kinesis/shard .015  tgw/attachment/hour .05  vpce/interface/hour .01  glue/dpu .44
vpce/gateway-load-balancer/hour .01  vpce/resource/hour .02  vpn/connection/hour .05  vpn/client-association/hour .10
networkfirewall/endpoint/hour .395  route53resolver/interface/hour .125  globalaccelerator/hour .025
aoss/ocu .24  emrserverless/vcpu .052624  emrserverless/gb .0057785  dax/dax.t3.small .04
kinesis/on-demand/stream .04  transfer/protocol .30
lambda/provisioned/x86_64 .01500012  lambda/provisioned/arm64 .01199988
rds/aurora-mysql/db.r5.large/single .29  rds/aurora-postgresql/db.r5.large/single .29
"""


def _pairs(text: str) -> list[tuple[str, str]]:
    words = text.split()
    return list(zip(words[::2], words[1::2], strict=True))


def _known(table: PriceTable, sku: str) -> float:
    rate = table.rate(sku, "us-east-1")
    assert rate is not None
    assert rate.provenance in {"list", "seed"}
    return rate.usd_per_hour


@pytest.mark.parametrize(("instance_type", "usd"), _pairs(EC2))
def test_ec2(table: PriceTable, instance_type: str, usd: str) -> None:
    assert _known(table, f"ec2/{instance_type}") == float(usd)


@pytest.mark.parametrize(("instance_class", "usd"), _pairs(RDS_MYSQL_POSTGRES))
def test_rds_single_az(table: PriceTable, instance_class: str, usd: str) -> None:
    for engine, price in zip(("mysql", "postgres"), usd.split("/"), strict=False):
        assert _known(table, f"rds/{engine}/db.{instance_class}/single") == float(price)


@pytest.mark.parametrize(("instance_class", "usd"), _pairs(RDS_MYSQL_POSTGRES))
def test_rds_multi_az_is_twice_as_much(table: PriceTable, instance_class: str, usd: str) -> None:
    for engine, price in zip(("mysql", "postgres"), usd.split("/"), strict=False):
        # AWS rounds both prices to a tenth of a cent.
        assert _known(table, f"rds/{engine}/db.{instance_class}/multi") == pytest.approx(2 * float(price), abs=0.0011)


@pytest.mark.parametrize(("sku", "usd"), _pairs(MONTHLY))
def test_monthly_prices_are_kept_per_hour(table: PriceTable, sku: str, usd: str) -> None:
    assert _known(table, sku) * HOURS == pytest.approx(float(usd))


@pytest.mark.parametrize(("sku", "usd"), _pairs(HOURLY))
def test_hourly_prices(table: PriceTable, sku: str, usd: str) -> None:
    assert _known(table, sku) == pytest.approx(float(usd))

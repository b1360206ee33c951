"""What somebody should be told of: fifteen ways to burn money."""

from collections.abc import Callable, Mapping

from bench.detection.world.normal import Cast
from bench.detection.world.scene import DAY, Incident, Scene

_GPU = (
    "ec2/p3.8xlarge",
    "ec2/g5.12xlarge",
    "ec2/p3.16xlarge",
    "ec2/p4d.24xlarge",
    "ec2/g4dn.12xlarge",
    "ec2/g5.48xlarge",
)
_ABROAD = (
    "ap-southeast-1",
    "ap-northeast-1",
    "sa-east-1",
    "eu-north-1",
    "ap-south-1",
    "us-west-1",
    "eu-west-3",
    "ca-central-1",
)

Stage = tuple[Scene, Cast, Incident, float]


def mining_by_leaked_key(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """A stranger with a key fills two to six Regions with GPUs in a quarter of an hour."""
    thief, sku = scene.key_user(scene.rng.choice(("backup", "s3-upload", "ses-mailer"))), scene.rng.choice(_GPU)
    for n, region in enumerate(scene.rng.sample(_ABROAD, scene.rng.randint(2, 6))):
        count = scene.rng.randint(1, 6)
        scene.launch(at + n * 0.05, thief, sku, count, hours=_days(scene, 1, 4), region=region, incident=incident)


def stealth_mining(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """A role everybody knows starts a few machines it never started, in the usual Region."""
    sku = scene.rng.choice(("ec2/c5.24xlarge", "ec2/g4dn.12xlarge", "ec2/c5.18xlarge", "ec2/p3.8xlarge"))
    for n in range(scene.rng.randint(2, 5)):
        scene.launch(at + n * 0.12, cast.robot, sku, hours=_days(scene, 2, 6), incident=incident)


def count_hundred(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """Ten were meant: a person starts a hundred or two."""
    sku = scene.rng.choice(("ec2/m5.large", "ec2/t3.large", "ec2/m5.xlarge"))
    person = scene.rng.choice(cast.people)
    scene.launch(at, person, sku, scene.rng.randint(80, 200), hours=scene.rng.uniform(6, 60), incident=incident)


def wrong_size(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """24xlarge in place of large."""
    sku = scene.rng.choice(("ec2/m5.24xlarge", "ec2/r5.24xlarge", "ec2/x1.32xlarge", "ec2/c5.metal", "ec2/m5.metal"))
    actor = scene.rng.choice((*cast.people[:3], cast.deploy))
    scene.launch(at, actor, sku, scene.rng.randint(2, 4), hours=_days(scene, 1, 8), incident=incident)


def forgotten_gpu(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """A person starts one large GPU machine for an hour and goes home for a week."""
    sku = scene.rng.choice(("ec2/p3.8xlarge", "ec2/p3.16xlarge", "ec2/g5.48xlarge", "ec2/p4d.24xlarge"))
    scene.launch(at, scene.rng.choice(cast.people), sku, hours=_days(scene, 2, 8), incident=incident)


def huge_database(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """A database for a test, in the size of production."""
    sku = scene.rng.choice(("rds/postgres/db.r5.24xlarge/single", "rds/mysql/db.r5.12xlarge/single"))
    actor = scene.rng.choice((*cast.people[:3], cast.deploy))
    scene.launch(at, actor, sku, scene.rng.randint(1, 2), hours=_days(scene, 3, 9), incident=incident)


def provisioned_concurrency(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """A thousand warm executions for a function nobody calls."""
    warm = scene.rng.randint(500, 3000)
    actor = scene.rng.choice((cast.people[1], cast.deploy))
    scene.launch(at, actor, f"lambda/provisioned/x86_64@{warm}", hours=_days(scene, 3, 9), incident=incident)


def runaway_autoscaling(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """A broken health check: machines are replaced every two minutes and never end."""
    autoscaling = scene.service("autoscaling")
    sku = scene.rng.choice(("ec2/m5.xlarge", "ec2/m5.2xlarge", "ec2/c5.2xlarge"))
    for n in range(scene.rng.randint(40, 90)):
        count = scene.rng.randint(2, 5)
        scene.launch(at + n * 0.02, autoscaling, sku, count, hours=_days(scene, 1, 2), incident=incident)


def nat_everywhere(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """A template with a NAT gateway for every zone, rolled out over all Regions."""
    actor, n = scene.rng.choice((cast.deploy, cast.people[0])), 0
    for region in (*_ABROAD, scene.home, "us-east-2"):
        for _ in range(scene.rng.randint(9, 16)):
            n += 1
            scene.launch(
                at + n * 0.0012, actor, "nat/hour", region=region, hours=_days(scene, 6, 14), incident=incident
            )


def slow_creep(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """A script starts a machine every few hours and never ends one."""
    actor = scene.rng.choice((cast.deploy, cast.people[2]))
    for n in range(scene.rng.randint(16, 28)):
        later = at + n * scene.rng.uniform(2.0, 4.0)
        scene.launch(later, actor, "ec2/m5.4xlarge", hours=9 * DAY, incident=incident)


def new_service(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """A product nobody here used before, in a large size."""
    sku, count = scene.rng.choice(
        (("redshift/ra3.16xlarge", 3), ("redshift/ra3.4xlarge", 4), ("opensearch/r6g.large", 60))
    )
    actor = scene.rng.choice((cast.people[0], cast.people[1], cast.deploy))
    scene.launch(at, actor, sku, count, hours=_days(scene, 3, 10), incident=incident)


def small_pieces(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """Mining in machines too small to notice one by one, over many Regions."""
    thief = scene.rng.choice((scene.key_user("ci-legacy"), cast.people[1]))
    for n in range(scene.rng.randint(40, 80)):
        region, sku = scene.rng.choice(_ABROAD), scene.rng.choice(("ec2/c5.xlarge", "ec2/c5.2xlarge"))
        scene.launch(at + n * 0.008, thief, sku, 2, hours=_days(scene, 1, 4), region=region, incident=incident)


def runaway_loop(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """A script in an endless loop: volumes or tasks without end."""
    sku = scene.rng.choice(("ebs/io2/gb@2000", "fargate/vcpu@16", "ebs/gp3/gb@8000"))
    actor = scene.rng.choice((cast.deploy, cast.people[0]))
    for n in range(scene.rng.randint(60, 120)):
        scene.launch(at + n * 0.006, actor, sku, hours=_days(scene, 1, 5), incident=incident)


def leaver_by_night(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """Somebody silent for weeks starts large machines at three in the morning."""
    scene.launch(scene.rng.uniform(20, 60), person := scene.person("left"), "ec2/t3.large", hours=5.0)
    night = (at // DAY) * DAY + 3.0
    sku = scene.rng.choice(("ec2/c5.18xlarge", "ec2/c5.24xlarge", "ec2/g5.12xlarge"))
    for n in range(scene.rng.randint(2, 6)):
        scene.launch(night + n * 0.12, person, sku, hours=_days(scene, 2, 5), incident=incident)


def notebook_fleet(scene: Scene, cast: Cast, incident: Incident, at: float) -> None:
    """A hyper-parameter search without a limit: training machines by the dozen."""
    actor = scene.rng.choice((cast.robot, cast.people[3 % len(cast.people)]))
    for n in range(scene.rng.randint(8, 16)):
        scene.launch(at + n * 0.03, actor, "sagemaker/ml.p3.8xlarge", hours=_days(scene, 1, 3), incident=incident)


def _days(scene: Scene, low: float, high: float) -> float:
    return scene.rng.uniform(low, high) * DAY


INCIDENTS: Mapping[str, Callable[[Scene, Cast, Incident, float], None]] = {
    "GPU mining by a leaked key": mining_by_leaked_key,
    "stealth mining by a known role": stealth_mining,
    "count=100": count_hundred,
    "wrong size": wrong_size,
    "forgotten GPU box": forgotten_gpu,
    "huge database": huge_database,
    "provisioned concurrency": provisioned_concurrency,
    "runaway autoscaling": runaway_autoscaling,
    "NAT gateways everywhere": nat_everywhere,
    "slow creep": slow_creep,
    "an expensive new service": new_service,
    "mining in small pieces": small_pieces,
    "runaway loop": runaway_loop,
    "a leaver by night": leaver_by_night,
    "a search without limit": notebook_fleet,
}

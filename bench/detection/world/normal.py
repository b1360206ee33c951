"""Normal life: what five kinds of account do, week after week."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from bench.detection.world.scene import DAY, Scene
from engine.models.cost_event import Actor


class Cast(NamedTuple):
    """Who belongs to the account: the people, the role that does most, the role that deploys, and what it deploys."""

    people: list[Actor]
    robot: Actor
    deploy: Actor
    usual: tuple[str, ...]
    deployed: str


def quiet_startup(scene: Scene) -> Cast:
    """Three people, a deploy a week, a machine now and then."""
    rng = scene.rng
    usual = rng.choice((("ec2/t3.medium", "ec2/t3.large"), ("ec2/m5.large", "ec2/t3.small"), ("ec2/t3.small",)))
    cast = Cast(
        [scene.person(f"founder{n}") for n in range(3)], scene.role("github"), scene.role("deploy"), usual, usual[0]
    )
    for day in range(scene.days):
        if not scene.is_workday(day):
            continue
        for _ in range(scene.poisson(0.5)):
            person, hours = rng.choice(cast.people), rng.lognormvariate(2.0, 0.8)
            scene.launch(scene.at_work(day), person, rng.choice(usual), hours=hours)
        if day % 7 in {1, 3} and rng.random() < 0.8:
            scene.launch(scene.at_work(day), cast.deploy, usual[0], rng.randint(1, 3), hours=7 * DAY)
        if rng.random() < 0.06:
            scene.launch(scene.at_work(day), cast.deploy, "rds/postgres/db.t3.medium/single")
    return cast


def ci_heavy(scene: Scene) -> Cast:
    """Build machines by the hundred, and an integration run every night."""
    rng = scene.rng
    usual = rng.choice((("ec2/c5.xlarge", "ec2/c5.2xlarge"), ("ec2/m5.xlarge", "ec2/c5.large"), ("ec2/t3.large",)))
    cast = Cast(
        [scene.person(f"dev{n}") for n in range(8)],
        scene.role("ci-runner"),
        scene.role("deploy"),
        usual,
        "ec2/m5.large",
    )
    janitor, nightly, rate = scene.role("janitor"), rng.randint(4, 16), rng.uniform(15, 45)
    for day in range(scene.days):
        for _ in range(scene.poisson(rate if scene.is_workday(day) else rate / 8)):
            ender = janitor if rng.random() < 0.1 else None
            machines = rng.choice((1, 1, 1, 2, 3))
            hours = rng.lognormvariate(-1.0, 0.6)
            scene.launch(scene.at_work(day), cast.robot, rng.choice(usual), machines, hours=hours, janitor=ender)
        scene.launch(day * DAY + 2 + rng.random() / 4, cast.robot, usual[-1], nightly, hours=rng.uniform(0.8, 1.6))
        _people(scene, cast, day, 0.8, ("ec2/t3.large", "ec2/m5.large"))
        if scene.is_workday(day) and rng.random() < 0.5:
            scene.launch(scene.at_work(day), cast.deploy, "ec2/m5.large", rng.randint(2, 5), hours=2 * DAY)
    return cast


def data_team(scene: Scene) -> Cast:
    """People with GPU notebooks, training jobs, batches by night, a large one a week and a larger one a month."""
    rng = scene.rng
    boxes = ("ec2/g4dn.xlarge", "ec2/p3.2xlarge", "ec2/r5.4xlarge", "ec2/g5.2xlarge")
    cast = Cast(
        [scene.person(f"sci{n}") for n in range(7)], scene.role("etl"), scene.role("deploy"), boxes, "ec2/m5.xlarge"
    )
    trainer, weekly, payday = scene.role("trainer"), rng.randint(3, 14), rng.randint(0, 29)
    large = rng.choice(("ec2/r5.2xlarge", "ec2/r5.4xlarge"))
    for day in range(scene.days):
        _people(scene, cast, day, 2.5, boxes)
        scene.launch(day * DAY + 1 + rng.random() / 3, cast.robot, "ec2/r5.2xlarge", rng.randint(4, 7), hours=2.0)
        if day % 7 in {1, 3}:
            scene.launch(scene.at_work(day), cast.deploy, cast.deployed, rng.randint(2, 4), hours=3 * DAY)
        if day % 7 == 6:
            scene.launch(day * DAY + 4, cast.robot, large, weekly + rng.randint(-1, 2), hours=5.0)
        if day % 30 == payday:
            scene.launch(day * DAY + 5, cast.robot, large, 2 * weekly, hours=8.0)
        for _ in range(scene.poisson(1.5 if scene.is_workday(day) else 0.5)):
            sku = rng.choice(("sagemaker/ml.g5.2xlarge", "sagemaker/ml.p3.2xlarge"))
            hours = rng.lognormvariate(1.0, 0.6)
            scene.launch(day * DAY + rng.uniform(0, 24), trainer, sku, rng.choice((1, 1, 1, 2)), hours=hours)
    return cast


def enterprise(scene: Scene) -> Cast:
    """Forty people who sign in with SSO, autoscaling with the sun, teams that deploy in two Regions."""
    rng = scene.rng
    usual = ("ec2/m5.large", "ec2/m5.xlarge", "ec2/t3.large")
    cast = Cast(
        [scene.person(f"emp{n}") for n in range(40)],
        scene.service("autoscaling"),
        scene.role("deploy"),
        usual,
        "ec2/m5.xlarge",
    )
    other, fleet = "us-east-2", rng.choice(("ec2/m5.xlarge", "ec2/m5.2xlarge", "ec2/c5.2xlarge"))
    size = rng.choice((1, 1, 2, 4))
    for day in range(scene.days):
        busy = 1.0 if scene.is_workday(day) else 0.4
        for _ in range(scene.poisson(18 * busy)):
            at = day * DAY + rng.triangular(6, 20, 9)
            scene.launch(at, cast.robot, fleet, size * rng.choice((1, 1, 2, 2, 3)), hours=rng.uniform(3, 10))
        _people(scene, cast, day, 4.0, (*usual, "ec2/m5.2xlarge", "rds/postgres/db.t3.large/single"))
        for _ in range(scene.poisson(1.5) if scene.is_workday(day) else 0):
            where = other if rng.random() < 0.25 else scene.home
            count = size * rng.randint(2, 8)
            scene.launch(scene.at_work(day), cast.deploy, "ec2/m5.xlarge", count, hours=DAY, region=where)
        for _ in range(scene.poisson(5 * busy)):
            tasks = rng.choice(("fargate/vcpu@2", "fargate/vcpu@4"))
            scene.launch(scene.at_work(day), scene.role("ecs-deploy"), tasks, rng.randint(1, 4), hours=6.0)
    return cast


def agency(scene: Scene) -> Cast:
    """Many small projects, each with a role and a habit of its own, some in Regions of their own."""
    rng = scene.rng
    usual = ("ec2/t3.small", "ec2/t3.medium", "ec2/m5.large", "ec2/t3.micro", "rds/mysql/db.t3.small/single")
    projects = [(scene.role(f"project{n}"), rng.sample(usual, 2), _somewhere(scene)) for n in range(12)]
    people = [scene.person(f"maker{n}") for n in range(6)]
    cast = Cast(people, projects[0][0], scene.role("deploy"), usual, "ec2/t3.medium")
    for day in range(scene.days):
        for role, habit, region in projects:
            for _ in range(scene.poisson(0.35 if scene.is_workday(day) else 0.05)):
                count, hours = rng.choice((1, 1, 2)), rng.lognormvariate(2.5, 1.0)
                scene.launch(scene.at_work(day), role, rng.choice(habit), count, hours=hours, region=region)
        _people(scene, cast, day, 0.7, usual)
        if day % 7 == 2:
            scene.launch(scene.at_work(day), cast.deploy, "nat/hour")
    return cast


def _somewhere(scene: Scene) -> str:
    return scene.rng.choice((scene.home, scene.home, "eu-west-2", "ca-central-1", "us-east-2"))


def _people(scene: Scene, cast: Cast, day: int, mean: float, kinds: tuple[str, ...]) -> None:
    """People start what they need, mostly the same things, for about a working day."""
    if not scene.is_workday(day):
        return
    for _ in range(scene.poisson(mean)):
        person = scene.rng.choice(cast.people)
        favourite = kinds[sum(person.key.encode()) % len(kinds)]
        sku = favourite if scene.rng.random() < 0.7 else scene.rng.choice(kinds)
        scene.launch(scene.at_work(day), person, sku, hours=scene.rng.lognormvariate(1.6, 0.7))


NORMAL: Mapping[str, Callable[[Scene], Cast]] = {
    "quiet startup": quiet_startup,
    "CI-heavy": ci_heavy,
    "data team": data_team,
    "enterprise": enterprise,
    "agency": agency,
}

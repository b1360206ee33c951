"""What looks like an incident and is none."""

from collections.abc import Callable

from bench.detection.world.normal import Cast
from bench.detection.world.scene import DAY, Scene


def new_hires(scene: Scene, cast: Cast, day: int) -> None:
    """Two to five people nobody saw before start small usual machines."""
    for number in range(scene.rng.randint(2, 5)):
        person = scene.person(f"new{day}x{number}")
        for later in range(0, 10, 2):
            if scene.is_workday(day + later):
                sku = scene.rng.choice(cast.usual)
                scene.launch(scene.at_work(day + later), person, sku, hours=scene.rng.uniform(1, 8))


def disaster_drill(scene: Scene, cast: Cast, day: int) -> None:
    """The deploy role brings production up in another Region for some hours."""
    at, region = scene.at_work(day), "us-west-1"
    for n in range(scene.rng.randint(2, 4)):
        count = _size(scene) * scene.rng.randint(2, 4)
        scene.launch(at + n / 6, cast.deploy, cast.deployed, count, hours=4.0, region=region)


def load_test(scene: Scene, cast: Cast, day: int) -> None:
    """Somebody well known starts a dozen or two of the usual machines for an hour or two."""
    actor = scene.rng.choice((cast.robot, cast.deploy, cast.people[0]))
    sku = cast.deployed
    at = scene.at_work(day)
    for n in range(scene.rng.randint(2, 4)):
        scene.launch(at + n * 0.1, actor, sku, _size(scene) * scene.rng.randint(3, 6), hours=1.5)


def migration(scene: Scene, cast: Cast, day: int) -> None:
    """The deploy role moves everything to the next generation of machines, in its usual Region."""
    for step in range(6):
        if scene.is_workday(day + step):
            count = _size(scene) * scene.rng.randint(2, 6)
            scene.launch(scene.at_work(day + step), cast.deploy, "ec2/m6i.xlarge", count, hours=6 * DAY)


def new_runners(scene: Scene, cast: Cast, day: int) -> None:
    """The busiest role changes to another family of about the same price, and stays there."""
    for later in range(day, min(day + 14, scene.days)):
        for _ in range(scene.poisson(4)):
            scene.launch(scene.at_work(later), cast.robot, "ec2/c6i.xlarge", scene.rng.choice((1, 2)), hours=0.6)


def holidays(scene: Scene, cast: Cast, day: int) -> None:
    """Some days of maintenance by night in place of work: usual machines at unusual hours."""
    deploy, sku = cast.deploy, cast.deployed
    for later in range(3):
        scene.launch((day + later) * DAY + 3.0, deploy, sku, 2, hours=3.0)


def big_deploy(scene: Scene, cast: Cast, day: int) -> None:
    """Blue and green side by side: the deploy role starts twice what it usually does, in its usual Region."""
    sku = cast.deployed
    scene.launch(scene.at_work(day), cast.deploy, sku, _size(scene) * scene.rng.randint(5, 9), hours=3.0)
    scene.launch(scene.at_work(day), cast.deploy, "elasticache/redis/cache.r6g.large", 2)


def busy_season(scene: Scene, cast: Cast, day: int) -> None:
    """A campaign: for three days everything is half as much again."""
    for later in range(3):
        for _ in range(scene.poisson(8)):
            scene.launch(scene.at_work(day + later), cast.robot, cast.deployed, 1, hours=5.0)


def trial(scene: Scene, cast: Cast, day: int) -> None:
    """Somebody tries a somewhat larger machine for an hour."""
    sku = scene.rng.choice(("ec2/m5.4xlarge", "ec2/c5.4xlarge", "ec2/r5.2xlarge", "ec2/g4dn.xlarge"))
    scene.launch(scene.at_work(day), scene.rng.choice(cast.people), sku, hours=1.0)


def _size(scene: Scene) -> int:
    """Not every company is small."""
    return scene.rng.choice((1, 1, 2, 4))


LOOKALIKES: tuple[Callable[[Scene, Cast, int], None], ...] = (
    new_hires,
    disaster_drill,
    load_test,
    migration,
    new_runners,
    holidays,
    big_deploy,
    busy_season,
    trial,
)

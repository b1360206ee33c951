"""The operator's panic mode: nobody is told of anything, and at its end each tenant of all of it, once."""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any

import msgspec
import pytest

from engine.governance import PANICKED
from engine.models.account import Tenant
from engine.models.delivery import DeliveryState
from engine.models.policy import NO_POLICY, Policy
from engine.models.post import Digest, Post, ResumeNotice
from services.panic import PanicFollower
from services.pausing import Pausing
from services.ports import Pauses
from store.silences import judge_again
from tests.services.scene import Scene, words
from tests.services.world import ACCOUNT, HOUR, MINUTE, TENANT, World, stranger

PANIC = Policy(panic_mode=True, panic_by="Ann", panic_reason="prices are wrong")


def follower(world: World) -> PanicFollower:
    store = world.store
    return PanicFollower(store.panics, world.policies, store.accounts, store.search, world.clock)


def pausing(world: World, pauses: Pauses | None = None) -> Pausing:
    store = world.store
    return Pausing(
        tenants=store.tenants,
        accounts=store.accounts,
        pauses=pauses or store.pauses,
        search=store.search,
        clock=world.clock,
    )


async def turn_to(world: World, policy: Policy) -> int:
    """Write the policy, and let the job look at it."""
    world.turn(MINUTE)
    world.policies.policy = policy
    return await follower(world).follow()


async def launched(world: World, *numbers: int) -> None:
    for number in numbers:
        world.turn(HOUR)
        await world.ingest(world.launch(6 + number, actor=stranger(number)))


async def send(scene: Scene) -> list[str]:
    """Let everything out that may go, and give what stands in the channel."""
    scene.world.turn(MINUTE)
    await scene.sender.deliver_due()
    await scene.new_post_sender().deliver_due()
    return [words(card) for card in scene.cards()]


async def the_tenant(world: World) -> Tenant:
    return await world.store.tenants.find_tenant(TENANT)


async def summaries(world: World) -> list[Post]:
    """The summaries on their way, in MongoDB's own rows."""
    rows = world.store._database.posts.find({"content.type": "resumed"})  # noqa: SLF001 - no port lists posts
    return [msgspec.convert(row, Post) async for row in rows]


async def actions(world: World) -> list[str]:
    return [entry.action for entry in (await world.store.audit.find_chain(TENANT)).entries]


async def test_nothing_is_sent_and_its_end_is_told_in_one_summary(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    world = scene.world
    with caplog.at_level(logging.WARNING):
        assert await turn_to(world, PANIC) == 1
    assert "paused by panic mode by Ann: prices are wrong. Tenants it concerns: 1." in caplog.text
    await launched(world, 0, 1, 20)  # The last is one of the safety net's.
    assert await send(scene) == []
    loaded = await world.store.ledger.load_state(TENANT, ACCOUNT, [], world.clock() - 9 * HOUR)
    assert {one.decision.reason for one in loaded.state.anomalies.values()} == {PANICKED}
    assert await turn_to(world, NO_POLICY) == 1
    [summary] = await send(scene)
    assert "3 anomalies were found and not told" in summary
    assert "Alerting was paused for everybody by dd0c's operator, by Ann: prices are wrong. It is on again." in summary
    assert (await the_tenant(world)).untold_since is None  # Nothing of it is told again after the next pause.
    await launched(world, 30)
    assert len(await send(scene)) == 2
    assert await actions(world) == ["panic.began", *["alert.suppressed"] * 3, "panic.ended"]


async def test_more_turns_of_the_job_change_nothing(world: World) -> None:
    assert [await turn_to(world, PANIC), await turn_to(world, PANIC)] == [1, 0]
    assert [await turn_to(world, NO_POLICY), await turn_to(world, NO_POLICY)] == [1, 0]
    assert len(await summaries(world)) == 1


async def test_other_words_are_shown_and_begin_nothing_anew(world: World) -> None:
    await turn_to(world, PANIC)
    since = (await the_tenant(world)).operator_panic
    await turn_to(world, msgspec.structs.replace(PANIC, panic_reason="still wrong"))
    now = (await the_tenant(world)).operator_panic
    assert since is not None
    assert now == msgspec.structs.replace(since, why="still wrong")
    assert await actions(world) == ["panic.began"]


async def test_a_card_that_waits_goes_nowhere_before_the_job_has_come_round(scene: Scene) -> None:
    world = scene.world
    await launched(world, 0)
    world.policies.policy = PANIC
    assert await send(scene) == []
    await turn_to(world, PANIC)
    await turn_to(world, NO_POLICY)
    [summary] = await send(scene)
    assert "1 anomaly was found" in summary


async def test_what_joins_a_card_that_stands_is_told_when_it_is_over(scene: Scene) -> None:
    world = scene.world
    await launched(world, 0)
    assert len(await send(scene)) == 1
    await turn_to(world, PANIC)
    await world.ingest(world.launch(40, actor=stranger(0)))
    [card] = await send(scene)
    assert "46 \\u00d7 m5.large" in card
    [standing] = scene.cards()
    assert standing.replies == []
    await turn_to(world, NO_POLICY)
    await scene.sender.move_clocks()
    await send(scene)
    [reply] = standing.replies
    assert reply.is_broadcast
    assert reply.text.startswith("This incident is critical now")


async def test_a_tenant_that_paused_too_hears_of_all_of_it_when_it_resumes(scene: Scene) -> None:
    world = scene.world
    await turn_to(world, PANIC)
    await launched(world, 0)
    await pausing(world).pause(TENANT, "U1")
    await launched(world, 1)
    await turn_to(world, NO_POLICY)
    assert [one.content for one in await summaries(world)] == []
    resumed = await pausing(world).resume(TENANT, "U1")
    assert (resumed.total, resumed.is_still_paused) == (2, False)
    assert (await the_tenant(world)).untold_since is None
    assert len(await summaries(world)) == 1


async def test_a_pause_that_ends_during_the_panic_is_told_at_the_panics_end(scene: Scene) -> None:
    world = scene.world
    await pausing(world).pause(TENANT, "U1")
    await launched(world, 0)
    await turn_to(world, PANIC)
    await launched(world, 1)
    resumed = await pausing(world).resume(TENANT, "U1")
    assert resumed.is_still_paused
    assert (await pausing(world).resume(TENANT, "U1")).is_still_paused
    assert await summaries(world) == []
    await turn_to(world, NO_POLICY)
    [summary] = await summaries(world)
    assert isinstance(summary.content, ResumeNotice)
    assert summary.content.resumed.total == 2


async def test_a_resume_that_meets_the_panics_end_looks_again(world: World) -> None:
    await turn_to(world, PANIC)
    await pausing(world).pause(TENANT, "U1")

    class Late:
        """A store in which the panic ends before the first resume is written."""

        async def pause(self, *args: Any) -> int | None:
            return await world.store.pauses.pause(*args)

        async def resume(self, *args: Any, **more: Any) -> bool:
            await turn_to(world, NO_POLICY)
            return await world.store.pauses.resume(*args, **more)

    resumed = await pausing(world, Late()).resume(TENANT, "U1")
    assert (resumed.is_still_paused, len(await summaries(world))) == (False, 1)


async def insert_digest(world: World, channel_id: str) -> None:
    """One that was made before anything was paused."""
    now = world.clock()
    report = await world.digests.report(TENANT, now - HOUR, now, UTC)
    post = Post(
        post_id="digest/1",
        content=Digest(report=report),
        channel_id=channel_id,
        state=DeliveryState.PENDING,
        due_at=now,
        created_at=now,
    )
    await world.store.posts.insert_post(TENANT, post)


async def test_digests_and_notices_wait(scene: Scene) -> None:
    await turn_to(scene.world, PANIC)
    await insert_digest(scene.world, scene.channel.channel_id)
    assert await send(scene) == []


async def test_a_tenants_own_pause_holds_them_too(scene: Scene) -> None:
    await insert_digest(scene.world, scene.channel.channel_id)
    await pausing(scene.world).pause(TENANT, "U1")
    [notice] = await send(scene)
    assert "paused alerting" in notice
    await pausing(scene.world).resume(TENANT, "U1")
    _, summary = await send(scene)
    assert "resumed alerting" in summary


def _failing(after: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def fail(*args: Any, **more: Any) -> Any:
        await after(*args, **more)
        raise RuntimeError("the process dies here")

    return fail


@pytest.mark.integration
@pytest.mark.parametrize("point", ["summary", "versions", "audit", "commit"])
async def test_dying_between_any_two_writes_tells_it_once(
    point: str, real_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = real_world
    store = world.store
    await launched(world, 0)  # This card waits when the panic begins.
    for policy in (PANIC, NO_POLICY):
        with monkeypatch.context() as patch:
            if point == "summary":
                patch.setattr(store.posts, "add", _failing(store.posts.add))
            elif point == "audit":
                patch.setattr(store.audit, "add", _failing(store.audit.add))
            elif point == "versions":
                patch.setattr("store.panics.judge_again", _failing(judge_again))
            else:
                name = "begin" if policy.panic_mode else "end"
                patch.setattr(store.panics, name, _failing(getattr(store.panics, name)))
            await turn_to(world, policy)
        await turn_to(world, policy)
        if policy.panic_mode:
            await launched(world, 1)
    [summary] = await summaries(world)
    assert isinstance(summary.content, ResumeNotice)
    assert summary.content.resumed.total == 2
    assert await actions(world) == ["panic.began", "alert.suppressed", "panic.ended"]
    began, *_ = (await store.audit.find_chain(TENANT)).entries
    assert began.details["alerts"] == 1

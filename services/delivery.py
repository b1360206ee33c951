"""The outbox sender: brings each anomaly's one card to Slack, and keeps it true."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from engine.burn_steps import next_step
from engine.errors import AccessDenied, NotFound, Rejected, Unavailable, UpstreamError
from engine.models.account import AccountStatus, AwsAccount
from engine.models.anomaly import Anomaly
from engine.models.delivery import Delivery, DeliveryState, SlackMessage
from engine.models.metrics import CARDS
from services.alert_budget import AlertBudget
from services.alert_channels import AlertChannels
from services.copies import Copies
from services.growth import Growth
from services.joining import Joined
from services.lanes import Lanes
from services.ports import Accounts, Anomalies, Clock, Notifier, Outbox
from services.ports.watching import Meter, Tracer
from services.retrying import LEASE_SECONDS, OUR_FAULT, SEARCH_MARGIN, next_try
from services.unwatched import NO_METER, NO_TRACER

_log = logging.getLogger(__name__)

_STEPS_AT_ONCE = 100
_APART_SECONDS = 0.1
_MOST_REPAINTS = 5  # In a row, for one click; the job goes on with a card that changes faster.
_CARD_IS_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_SILENCE = timedelta(seconds=30)  # How long something that nobody is to be told of now waits until that is asked again.
_IN_DOUBT = frozenset({DeliveryState.SENDING, DeliveryState.UNCERTAIN})


class Sender:
    """Delivers what is due. Any number of senders may run: claiming a delivery is atomic."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        anomalies: Anomalies,
        accounts: Accounts,
        channels: AlertChannels,
        notifier: Notifier,
        clock: Clock,
        growth: Growth,
        budget: AlertBudget,
        tracer: Tracer = NO_TRACER,
        meter: Meter = NO_METER,
    ) -> None:
        self._outbox = outbox
        self._anomalies = anomalies
        self._accounts = accounts
        self._channels = channels
        self._notifier = notifier
        self._clock = clock
        self._growth = growth
        self._budget = budget
        self._tracer = tracer
        self._meter = meter
        self._copies = Copies(outbox, accounts, notifier)
        self._lanes = Lanes(self._claim, self._attempt)
        self._repaints = Joined[None](_APART_SECONDS)

    async def deliver_due(self, limit: int = 50) -> int:
        """Deliver until nothing is due any more, or ``limit`` deliveries were tried; gives how many were."""
        return await self._lanes.work_off(limit)

    def stop(self) -> None:
        """Claim nothing more that is due; what is on its way goes on."""
        self._lanes.close()

    async def _claim(self, without: Collection[str]) -> tuple[str, Delivery] | None:
        return await self._outbox.claim_due(self._clock(), LEASE_SECONDS, without)

    async def deliver_one(self, tenant_id: str, anomaly_id: str) -> None:
        """Deliver this anomaly's card before all others, if it is due and in nobody else's hands.

        Who comes while it is in our hands leaves theirs to us: what changed meanwhile is shown at once too. Of many
        clicks on one card at one moment, what became of all is shown.
        """
        await self._repaints.ask((tenant_id, anomaly_id), lambda: self._deliver_one(tenant_id, anomaly_id))

    async def _deliver_one(self, tenant_id: str, anomaly_id: str) -> None:
        for _ in range(_MOST_REPAINTS):
            delivery = await self._outbox.claim_one(tenant_id, anomaly_id, self._clock(), LEASE_SECONDS)
            if delivery is None:
                return
            await self._attempt(tenant_id, delivery)

    async def move_clocks(self, limit: int = _STEPS_AT_ONCE) -> int:
        """Make cards due whose burn clock is to move though nothing joined them; gives how many."""
        return await self._outbox.make_steps_due(self._clock(), limit)

    async def find_card(self, tenant_id: str, anomaly_id: str) -> SlackMessage | None:
        """Where the anomaly's card stands; None while it stands nowhere."""
        delivery = await self._outbox.find_delivery(tenant_id, anomaly_id)
        return SlackMessage(delivery.channel_id, delivery.message_ts) if delivery and delivery.message_ts else None

    async def repaint_copy(self, tenant_id: str, anomaly: Anomaly, clicked: SlackMessage) -> None:
        """Repaint the card that was clicked, where it is a copy of the one that ``deliver_one`` repaints."""
        await self._copies.repaint(tenant_id, anomaly, clicked)

    async def _attempt(self, tenant_id: str, delivery: Delivery) -> None:
        """Try once, in the trace of the records that made the card due, and save what came of it."""
        with self._tracer.span("deliver_card", parent=delivery.trace):
            await self._attempt_here(tenant_id, delivery)

    async def _attempt_here(self, tenant_id: str, delivery: Delivery) -> None:
        """A card that fails by an error of ours is seen and holds up no other."""
        try:
            tried = await self._deliver(tenant_id, delivery)
        except UpstreamError:
            raise
        except Exception as error:
            _log.exception("card %s could not be delivered", delivery.anomaly_id)
            name = type(error).__name__
            tried = self._failed(delivery, Unavailable(f"An error in dd0c/cost ({name}), see its log.", code=name))
        await self._save(tenant_id, tried)

    async def _save(self, tenant_id: str, tried: Delivery) -> None:
        self._meter.note(CARDS, outcome=tried.state.value)
        is_held = tried.state is DeliveryState.HELD
        try:
            is_saved = await (self._budget.hold if is_held else self._outbox.save_delivery)(tenant_id, tried)
        except NotFound:
            _log.info("card %s was deleted while it was on its way", tried.anomaly_id)
            return
        if not is_saved:
            await self._copies.remove(tenant_id, tried)

    async def _deliver(self, tenant_id: str, delivery: Delivery) -> Delivery:
        """Try once; gives the row as it is to be saved, whatever happened."""
        try:
            anomaly = await self._anomalies.find_anomaly(tenant_id, delivery.anomaly_id)
            account = await self._accounts.find_account(tenant_id, anomaly.account_id)
            channel = await self._channel(tenant_id, delivery, anomaly)
            is_silent = await self._channels.are_silent(tenant_id)
        except NotFound as error:
            return _dead(delivery, str(error))
        if account.status is AccountStatus.DISCONNECTING:
            return _dead(delivery, "Its AWS account was disconnected.")
        if is_silent and not delivery.message_ts:
            return _waiting(delivery, self._clock() + _SILENCE)
        delivery = msgspec.structs.replace(delivery, channel_id=channel)
        try:
            if not delivery.message_ts and delivery.state in _IN_DOUBT:
                delivery = await self._settle_doubt(tenant_id, delivery)
            return await self._show_somewhere(tenant_id, delivery, anomaly, account)
        except UpstreamError as error:
            return self._failed(delivery, error)

    async def _show_somewhere(
        self, tenant_id: str, delivery: Delivery, anomaly: Anomaly, account: AwsAccount
    ) -> Delivery:
        """Show the card in its channel, or in the next one where that takes none; the last one is the installer.

        A new card that finds no place in its channel's alert budget comes back as held.
        """
        try:
            if not delivery.message_ts and not await self._budget.admits(tenant_id, delivery, anomaly):
                return await self._budget.held(tenant_id, delivery)
            return await self._show(tenant_id, delivery, anomaly, account)
        except Rejected as error:
            instead = await self._instead(tenant_id, delivery, error)
            if not instead:
                return self._failed(delivery, error)
        except UpstreamError as error:
            return self._failed(delivery, error)
        elsewhere = msgspec.structs.replace(delivery, channel_id=instead)
        return await self._show_somewhere(tenant_id, elsewhere, anomaly, account)

    async def _instead(self, tenant_id: str, delivery: Delivery, error: Rejected) -> str:
        if delivery.message_ts:
            return ""
        return await self._channels.find_instead(tenant_id, delivery.channel_id, error)

    async def _channel(self, tenant_id: str, delivery: Delivery, anomaly: Anomaly) -> str:
        """A card stays where it stands or may stand; any other goes where the tenant wants such cards by now."""
        if delivery.channel_id and (delivery.message_ts or delivery.state in _IN_DOUBT):
            return delivery.channel_id
        return await self._channels.find(tenant_id, anomaly)

    async def _settle_doubt(self, tenant_id: str, delivery: Delivery) -> Delivery:
        """A sender died, or Slack did not answer: the card may stand in the channel already. Look before posting.

        Without the scope to look, the card is posted once more and says that it may repeat: once too often is a
        nuisance, never at all is what this product must not do.
        """
        since = delivery.created_at - SEARCH_MARGIN
        try:
            found = await self._notifier.find_card(tenant_id, delivery.channel_id, delivery.anomaly_id, since)
        except (AccessDenied, Rejected) as error:
            _log.info("card %s: cannot look for it in the channel (%s)", delivery.anomaly_id, error)
            return msgspec.structs.replace(delivery, state=DeliveryState.PENDING, may_repeat=True)
        settled = msgspec.structs.replace(delivery, state=DeliveryState.PENDING)
        if found is None:
            return settled
        return msgspec.structs.replace(settled, message_ts=found.message_ts, channel_id=found.channel_id)

    async def _show(self, tenant_id: str, delivery: Delivery, anomaly: Anomaly, account: AwsAccount) -> Delivery:
        if delivery.message_ts:
            message = SlackMessage(delivery.channel_id, delivery.message_ts)
            await self._notifier.update_card(tenant_id, message, anomaly, account, may_repeat=delivery.may_repeat)
        else:
            message = await self._notifier.post_card(
                tenant_id, delivery.channel_id, anomaly, account, may_repeat=delivery.may_repeat
            )
            await self._channels.note_reached(tenant_id, delivery.channel_id)
        told = await self._growth.tell(tenant_id, delivery, anomaly, message, self._channels.are_silent)
        return msgspec.structs.replace(
            delivery,
            state=DeliveryState.SENT,
            channel_id=message.channel_id,
            message_ts=message.message_ts,
            shown=anomaly.revision,
            wanted=max(delivery.wanted, anomaly.revision),
            attempts=0,
            error="",
            told=told.lines,
            told_severity=told.severity,
            steps_at=self._clock() + _SILENCE if told.is_waiting else next_step(anomaly, self._clock()),
        )

    def _failed(self, delivery: Delivery, error: UpstreamError) -> Delivery:
        """Decide when to try again. A post without an answer is in doubt; an update can simply be repeated.

        What was in doubt before stays so until somebody could look.
        """
        if error.code in _CARD_IS_GONE:
            return msgspec.structs.replace(delivery, state=DeliveryState.SENT, shown=delivery.wanted, error=str(error))
        if error.code in OUR_FAULT:
            _log.error("card %s was refused by Slack: %s", delivery.anomaly_id, error)
            return _dead(delivery, str(error))
        _log.warning("card %s is tried again: %s", delivery.anomaly_id, error)
        doubtful = not delivery.message_ts and (isinstance(error, Unavailable) or delivery.state in _IN_DOUBT)
        return msgspec.structs.replace(
            delivery,
            state=DeliveryState.UNCERTAIN if doubtful else DeliveryState.PENDING,
            attempts=delivery.attempts + 1,
            due_at=next_try(delivery.attempts, error, self._clock()),
            error=str(error),
        )


def _waiting(delivery: Delivery, until: datetime) -> Delivery:
    """Who died with it in hand may have posted it, so that a doubt stays."""
    state = DeliveryState.UNCERTAIN if delivery.state in _IN_DOUBT else DeliveryState.PENDING
    return msgspec.structs.replace(delivery, state=state, due_at=until)


def _dead(delivery: Delivery, error: str) -> Delivery:
    return msgspec.structs.replace(delivery, state=DeliveryState.DEAD, error=error)

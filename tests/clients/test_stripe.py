"""What we say to Stripe, and how its events are known."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.stripe.connect import StripeConnection, connect_stripe
from clients.stripe.events import StripeEvents
from demo.stripe_account import StripeSimulator
from demo.stripe_account.simulator import API_KEY, PRICE, WEBHOOK_SECRET
from engine.errors import AccessDenied, InputError, Rejected, Unavailable
from engine.models.billing import BillingEvent


def connected(url: str, *, api_key: str = API_KEY, prices: tuple[str, ...] = (PRICE,)) -> StripeConnection:
    return connect_stripe(
        api_key=api_key, api_base=url, webhook_secrets=(), prices=prices, return_url="https://a.example/"
    )


async def subscribed(stripe: StripeSimulator, connection: StripeConnection, quantity: int = 2) -> str:
    customer = await connection.gateway.create_customer("t-1", "acme")
    await connection.gateway.open_checkout("t-1", customer, quantity)
    (session,) = stripe.ledger.sessions.values()
    stripe.ledger.pay(session["id"])
    return customer


async def test_a_customer_is_made_once(stripe: StripeSimulator, connection: StripeConnection) -> None:
    first = await connection.gateway.create_customer("t-1", "acme")
    assert await connection.gateway.create_customer("t-1", "acme") == first
    assert await connection.gateway.create_customer("t-2", "acme") != first
    assert len(stripe.ledger.customers) == 2


async def test_the_checkout_asks_for_our_price_and_names_the_tenant(
    stripe: StripeSimulator, connection: StripeConnection
) -> None:
    customer = await connection.gateway.create_customer("t-1", "acme")
    url = await connection.gateway.open_checkout("t-1", customer, 3)
    (session,) = stripe.ledger.sessions.values()
    assert url == session["url"]
    assert (session["price"], session["quantity"], session["client_reference_id"]) == (PRICE, 3, "t-1")


async def test_no_two_checkouts_can_be_paid(stripe: StripeSimulator, connection: StripeConnection) -> None:
    customer = await connection.gateway.create_customer("t-1", "acme")
    first = await connection.gateway.open_checkout("t-1", customer, 1)
    assert await connection.gateway.open_checkout("t-1", customer, 1) == first
    second = await connection.gateway.open_checkout("t-1", customer, 2)
    assert second != first
    assert [session["status"] for session in stripe.ledger.sessions.values()] == ["expired", "open"]


async def test_a_subscription_is_read_changed_and_cancelled(
    stripe: StripeSimulator, connection: StripeConnection
) -> None:
    customer = await subscribed(stripe, connection)
    read = await connection.gateway.fetch_subscription(customer)
    assert read is not None
    assert (read.status, read.quantity) == ("active", 2)
    assert read.period_end is not None
    await connection.gateway.set_quantity(read, 5)
    more = await connection.gateway.fetch_subscription(customer)
    assert more is not None
    assert more.quantity == 5
    assert stripe.updates == [{"quantity": "5", "proration_behavior": "create_prorations"}]
    await connection.gateway.cancel(more)
    ended = await connection.gateway.fetch_subscription(customer)
    assert ended is not None
    assert ended.status == "canceled"


async def test_what_is_paid_for_counts_more_than_what_is_newer(
    stripe: StripeSimulator, connection: StripeConnection
) -> None:
    customer = await subscribed(stripe, connection)
    (paid,) = stripe.ledger.subscriptions
    await connection.gateway.open_checkout("t-1", customer, 1)
    newer = stripe.ledger.pay(list(stripe.ledger.sessions)[-1])["subscription"]
    stripe.ledger.cancel(newer)
    read = await connection.gateway.fetch_subscription(customer)
    assert read is not None
    assert read.subscription_id == paid


async def test_a_customer_without_subscription_has_none(connection: StripeConnection) -> None:
    customer = await connection.gateway.create_customer("t-1", "acme")
    assert await connection.gateway.fetch_subscription(customer) is None
    assert f"/portal/{customer}?" in await connection.gateway.open_portal(customer)


async def test_a_subscription_without_items_pays_for_nothing(
    stripe: StripeSimulator, connection: StripeConnection
) -> None:
    customer = await subscribed(stripe, connection)
    (bought,) = stripe.ledger.subscriptions.values()
    bought["items"]["data"] = []
    assert await connection.gateway.fetch_subscription(customer) is None
    del bought["items"]
    assert await connection.gateway.fetch_subscription(customer) is None


async def test_who_subscribed_to_an_earlier_price_of_ours_has_pro(
    stripe: StripeSimulator, connection: StripeConnection
) -> None:
    customer = await subscribed(stripe, connection)
    (bought,) = stripe.ledger.subscriptions.values()
    ours = bought["items"]["data"][0]
    ours["price"]["id"] = "price_of_last_year"
    assert await connection.gateway.fetch_subscription(customer) is None
    bought["items"]["data"].insert(0, {"id": "si_support", "quantity": 9, "price": {"id": "price_of_support"}})
    later = connected(stripe.url, prices=(PRICE, "price_of_last_year"))
    read = await later.gateway.fetch_subscription(customer)
    await later.close()
    assert read is not None
    assert (read.item_id, read.quantity) == (ours["id"], 2)


async def test_a_subscription_to_something_else_buys_nothing_and_is_named(
    stripe: StripeSimulator, connection: StripeConnection, caplog: pytest.LogCaptureFixture
) -> None:
    customer = await subscribed(stripe, connection)
    (bought,) = stripe.ledger.subscriptions.values()
    bought["items"]["data"][0]["price"]["id"] = "price_of_advice"
    assert await connection.gateway.fetch_subscription(customer) is None
    [warning] = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert warning.startswith(f"Stripe's subscription {bought['id']} of customer {customer} buys no plan")
    assert warning.endswith("DD0C_STRIPE_PRICE does not name its price price_of_advice")
    caplog.clear()
    stripe.ledger.cancel(bought["id"])
    assert await connection.gateway.fetch_subscription(customer) is None
    assert caplog.records == []


async def test_stripes_refusals_come_in_our_words_and_quote_no_key(
    stripe: StripeSimulator, connection: StripeConnection
) -> None:
    with pytest.raises(Rejected, match="resource_missing"):
        await connection.gateway.open_checkout("t-1", "cus_nobody", 1)
    stranger = connected(stripe.url, api_key="sk_test_secret_word")
    with pytest.raises(AccessDenied) as refusal:
        await stranger.gateway.fetch_subscription("cus_1")
    assert "secret_word" not in str(refusal.value)
    await stranger.close()


async def test_a_stripe_that_is_away_is_unavailable(stripe: StripeSimulator, connection: StripeConnection) -> None:
    await stripe.stop()
    with pytest.raises(Unavailable, match="did not answer"):
        await connection.gateway.fetch_subscription("cus_1")


def event_body(**about: object) -> bytes:
    event = {"id": "evt_1", "type": "invoice.payment_failed", "data": {"object": {"id": "in_1", **about}}}
    return json.dumps(event).encode()


def test_a_signed_event_is_read() -> None:
    events = StripeEvents(("whsec_older", WEBHOOK_SECRET))
    body = event_body(customer="cus_1")
    assert events.read(body, StripeSimulator().sign(body)) == BillingEvent(
        event_id="evt_1", kind="invoice.payment_failed", customer_id="cus_1", invoice_id="in_1"
    )
    expanded = event_body(customer={"id": "cus_2"})
    assert events.read(expanded, StripeSimulator().sign(expanded)).customer_id == "cus_2"


@pytest.mark.parametrize("age", [301, 86_400])
def test_an_old_signature_is_refused(age: int) -> None:
    body = event_body()
    old = StripeSimulator(now=lambda: time.time() - age).sign(body)
    with pytest.raises(AccessDenied):
        StripeEvents((WEBHOOK_SECRET,)).read(body, old)


def test_a_signature_by_another_secret_is_refused() -> None:
    body = event_body()
    with pytest.raises(AccessDenied):
        StripeEvents((WEBHOOK_SECRET,)).read(body, StripeSimulator().sign(body, "whsec_other"))


@given(st.binary(max_size=200), st.text(max_size=100))
def test_whatever_comes_unsigned_is_refused(body: bytes, signature: str) -> None:
    with pytest.raises(AccessDenied):
        StripeEvents((WEBHOOK_SECRET,)).read(body, signature)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["id", "type", "data", "object", "customer"]), inner, max_size=5)
        ),
    )
)
def test_whatever_is_signed_is_an_event_or_refused(said: object) -> None:
    body = json.dumps(said).encode()
    try:
        event = StripeEvents((WEBHOOK_SECRET,)).read(body, StripeSimulator().sign(body))
    except InputError:
        return
    assert isinstance(event.event_id, str)

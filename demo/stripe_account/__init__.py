"""A simulated Stripe: customers, checkout, the billing portal, subscriptions, and signed events."""

from demo.stripe_account.simulator import StripeSimulator

__all__ = ["StripeSimulator"]

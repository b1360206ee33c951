"""Stripe: checkout, the billing portal, subscriptions, and its signed events."""

"""Wiring by idea: each module chooses the adapters of a group of use cases that belong together."""

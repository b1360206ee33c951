"""A simulated tracker on this machine: GitHub's issues, as far as the bot uses them, and a page to read them."""

from demo.tracker.simulator import TrackerSimulator

__all__ = ["TrackerSimulator"]

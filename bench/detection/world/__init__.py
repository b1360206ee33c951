"""A simulated world of AWS accounts whose incidents are known."""

from bench.detection.world.build import AccountWorld, build_world
from bench.detection.world.scene import Incident, Record

__all__ = ["AccountWorld", "Incident", "Record", "build_world"]

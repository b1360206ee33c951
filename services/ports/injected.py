"""Time and ids: handed in, so that a test can say what they are."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
NewId = Callable[[], str]

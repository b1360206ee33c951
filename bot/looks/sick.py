"""The one error of looks."""


class Sick(Exception):
    """What is wrong, and in the same sentence or the next one what to do about it."""

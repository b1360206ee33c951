"""A few combinators to say what JSON may look like, reporting problems the way Slack words them.

A check takes a value and its JSON pointer and yields one line for every problem it sees.
"""

from collections.abc import Callable, Iterator, Mapping

Check = Callable[[object, str], Iterator[str]]


def problem(text: str, pointer: str) -> str:
    """Return one line of `response_metadata.messages`."""
    return f"[ERROR] {text} [json-pointer:{pointer}]"


def anything(_value: object, _pointer: str) -> Iterator[str]:
    """Accept every value."""
    return iter(())


def string(maximum: int, minimum: int = 1) -> Check:
    """Accept a string of `minimum` to `maximum` characters."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield problem("must be a string", pointer)
        elif len(value) < minimum:
            yield problem(f"must be more than {minimum - 1} characters", pointer)
        elif len(value) > maximum:
            yield problem(f"must be less than {maximum + 1} characters", pointer)

    return check


def boolean(value: object, pointer: str) -> Iterator[str]:
    """Accept true and false only."""
    if not isinstance(value, bool):
        yield problem("must be a boolean", pointer)


def integer(minimum: int, maximum: int) -> Check:
    """Accept a whole number in the closed range."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield problem("must be an integer", pointer)
        elif not minimum <= value <= maximum:
            yield problem(f"must be between {minimum} and {maximum}", pointer)

    return check


def number(value: object, pointer: str) -> Iterator[str]:
    """Accept a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield problem("must be a number", pointer)


def enum(*allowed: str) -> Check:
    """Accept one of the given words."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if value not in allowed:
            yield problem(f"must be one of: {', '.join(allowed)}", pointer)

    return check


def url(value: object, pointer: str) -> Iterator[str]:
    """Accept an http(s) address of at most 3000 characters."""
    yield from string(3000)(value, pointer)
    if isinstance(value, str) and not value.startswith(("http://", "https://")):
        yield problem("must be a valid URL", pointer)


def array(item: Check, maximum: int, minimum: int = 1) -> Check:
    """Accept a list of `minimum` to `maximum` items that all pass `item`."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield problem("must be an array", pointer)
            return
        if len(value) < minimum:
            yield problem(f"no fewer than {minimum} items allowed", pointer)
        if len(value) > maximum:
            yield problem(f"no more than {maximum} items allowed", pointer)
        for index, member in enumerate(value[:maximum]):
            yield from item(member, f"{pointer}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Accept an object with all `required` fields, any `optional` ones and no others."""
    known = {**required, **(optional or {})}

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", pointer)
            return
        for name in required:
            if value.get(name) is None:
                yield problem(f"missing required field: {name}", f"{pointer}/{name}")
        for name, member in value.items():
            if name not in known:
                yield problem(f"invalid additional property: {name}", f"{pointer}/{name}")
            elif member is not None:
                yield from known[name](member, f"{pointer}/{name}")

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """Accept an object whose `type` is a key of `kinds` and that passes that key's check."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", pointer)
            return
        kind = value.get("type")
        if kind is None:
            yield problem("missing required field: type", f"{pointer}/type")
        elif not isinstance(kind, str) or kind not in kinds:
            yield problem(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            yield from kinds[kind](value, pointer)

    return check


def both(first: Check, second: Check) -> Check:
    """Accept what passes both checks."""

    def check(value: object, pointer: str) -> Iterator[str]:
        yield from first(value, pointer)
        yield from second(value, pointer)

    return check


def exactly_one(*names: str) -> Check:
    """Accept an object that has exactly one of the named fields."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if isinstance(value, dict) and sum(value.get(name) is not None for name in names) != 1:
            yield problem(f"must provide exactly one of: {', '.join(names)}", pointer)

    return check


def at_least_one(*names: str) -> Check:
    """Accept an object that has one or more of the named fields."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if isinstance(value, dict) and all(value.get(name) is None for name in names):
            yield problem(f"must provide at least one of: {', '.join(names)}", pointer)

    return check

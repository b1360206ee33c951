"""docs/zombies.md says what the code does."""

from pathlib import Path

from engine.zombies.guide import guide

PAGE = Path(__file__).parents[3] / "docs" / "zombies.md"
HOW = "Make it anew: python -c 'from engine.zombies.guide import guide; print(guide(), end=\"\")' > docs/zombies.md"


def test_the_page_is_what_the_rules_say() -> None:
    assert PAGE.read_text() == guide(), HOW

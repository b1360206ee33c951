"""How fast many accounts are polled, and whether one with much to catch up makes the others wait."""

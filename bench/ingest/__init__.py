"""How many records a second take effect, beside what the same MongoDB takes of the same documents bare."""

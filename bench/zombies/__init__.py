"""How long a scan for idle resources takes, and how much memory."""

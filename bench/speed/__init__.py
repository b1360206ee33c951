"""How fast records go through the engine, and in how much memory."""

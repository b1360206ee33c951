"""How soon pages come."""

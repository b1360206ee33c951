"""What runs and is not used: rules over described resources, metrics and our own creation records."""

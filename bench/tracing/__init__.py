"""What tracing costs where records take effect."""

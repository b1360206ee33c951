"""Whether the bot holds hundreds of requests a second while records come in, and whether its memory stays as it is."""

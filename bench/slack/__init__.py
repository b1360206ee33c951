"""How soon the bot acknowledges two hundred commands at a time, beside a Bolt app that does nothing else."""

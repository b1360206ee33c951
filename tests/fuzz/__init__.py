"""Fuzzing by command (``make fuzz``): what reads from outside is fed with what coverage says is new."""

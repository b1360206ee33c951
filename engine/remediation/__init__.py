"""How to stop what an anomaly started: AWS command lines for a person to run, one table of them per family."""

from engine.remediation.commands import StopCommands, commands_for, stop_commands

__all__ = ["StopCommands", "commands_for", "stop_commands"]

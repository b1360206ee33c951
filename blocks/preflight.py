"""What to know before stopping what an incident started."""

from blocks.text import code, count, escape
from engine.models.anomaly import Anomaly
from engine.models.caution import Caution, CautionKind

_LONGEST_NAME = 80
_MOST = 4


def preflight_line(anomaly: Anomaly) -> list[str]:
    """One line, or none where the records told nothing of the kind."""
    told = "; ".join(_words(caution) for caution in anomaly.cautions[:_MOST])
    return [f"*Before you do:* {told}."] if told else []


def _words(caution: Caution) -> str:
    named = f" {code(caution.name, _LONGEST_NAME)}" if caution.name else ""
    match caution.kind:
        case CautionKind.PROTECTED:
            return "it was started with termination protection, so AWS refuses to delete it until that is switched off"
        case CautionKind.GROUP:
            return f"it is part of the Auto Scaling group{named}, which starts others instead: lower its capacity first"
        case CautionKind.STACK:
            return (
                f"it is part of {'the CloudFormation stack' if named else 'a CloudFormation stack'}{named}: change that"
            )
        case CautionKind.BACKUPS:
            return f"automatic backups are kept for {_days(caution.name)}"


def _days(name: str) -> str:
    return count(int(name), "day") if name.isascii() and name.isdecimal() else f"{escape(name, 20)} days"

"""CloudTrail records to cost events."""

from engine.cloudtrail.parse import parse
from engine.cloudtrail.record import CloudTrailRecord, decode_record

__all__ = ["CloudTrailRecord", "decode_record", "parse"]

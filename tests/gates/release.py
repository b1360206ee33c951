"""What a release wrote, kept for the releases after it: one filled document of every stored model.

`python -m tests.gates.release 0.1.0` writes the sample of the release that is being made; it is never written again.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from bson import json_util

from engine.baselines.model import Baseline
from store.baselines import encode_baseline
from store.codec import Document, encode
from tests.gates.filling import filled
from tests.gates.stored import STORED

FOLDER = Path(__file__).parent / "releases"
TENANT = "6f9c1c52-8a55-4f0e-9d39-0c2f3d3e0001"


def sample() -> dict[str, Document]:
    """Struct name -> the document that today's code makes of a filled one."""
    return {kind.__name__: _document(filled(kind)) for kinds in STORED.values() for kind in kinds}


def _document(value: msgspec.Struct) -> Document:
    return encode_baseline(TENANT, value) if isinstance(value, Baseline) else encode(TENANT, value)


def releases() -> Iterator[Path]:
    yield from sorted(FOLDER.glob("*.json"))


def load(path: Path) -> dict[str, Document]:
    """The documents as the driver would hand them out."""
    found: dict[str, Document] = json_util.loads(
        path.read_text(), json_options=json_util.JSONOptions(tz_aware=True, json_mode=json_util.JSONMode.CANONICAL)
    )
    return found


if __name__ == "__main__":
    target = FOLDER / f"{sys.argv[1]}.json"
    if target.exists():
        sys.exit(f"{target} is there already: what a release wrote does not change any more.")
    target.write_text(json_util.dumps(sample(), json_options=json_util.CANONICAL_JSON_OPTIONS, indent=1) + "\n")

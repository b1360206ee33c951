"""The picture for the documentation: memory and latency over the time of a soak."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

from bench.load.samples import Sample

matplotlib.use("Agg")

from matplotlib import pyplot

_MEMORY_COLOUR, _USUAL_COLOUR, _SLOW_COLOUR = "#1f6feb", "#9aa4b2", "#d1242f"


def draw(path: Path, samples: Sequence[Sample]) -> None:
    """Write the picture as PNG (or whatever the ending says)."""
    minutes = [one.at / 60 for one in samples]
    figure, (memory, latency) = pyplot.subplots(2, 1, figsize=(9, 5), sharex=True)
    memory.plot(minutes, [one.rss_mb for one in samples], color=_MEMORY_COLOUR)
    memory.set(ylabel="MB", title="Memory of the bot's process")
    memory.set_ylim(bottom=0)
    latency.plot(minutes, [one.p99_ms for one in samples], color=_SLOW_COLOUR, label="p99")
    latency.plot(minutes, [one.p50_ms for one in samples], color=_USUAL_COLOUR, label="p50")
    latency.set(ylabel="ms", xlabel="minutes", title="How soon requests are answered", yscale="log")
    latency.legend(frameon=False)
    for axes in (memory, latency):
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)

"""Draws one picture at a time, in a thread, and keeps the last few."""

import asyncio
from collections import OrderedDict

from clients.charts.picture import draw_bars
from engine.models.chart import Chart

KEPT = 16


class Drawing:
    """However many ask, one canvas is in memory, and a few kilobytes for each picture that is kept."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[Chart, bytes] = OrderedDict()
        self._turn = asyncio.Lock()

    async def draw(self, chart: Chart) -> bytes:
        """Give the chart as PNG."""
        async with self._turn:
            if chart not in self._pictures:
                self._pictures[chart] = await asyncio.to_thread(draw_bars, chart)
            self._pictures.move_to_end(chart)
            if len(self._pictures) > KEPT:
                self._pictures.popitem(last=False)
            return self._pictures[chart]

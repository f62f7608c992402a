"""Seconds and peak memory of the stages of something that takes long."""

import os
import threading
import time
from pathlib import Path

_SAMPLED_EVERY = 0.01
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Stopwatch:
    """Splits its life into stages, each with its seconds and the most memory held in it."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}
        self._peak = 0.0
        self._stage = ""
        self._since = time.monotonic()
        self._ended = threading.Event()
        threading.Thread(target=self._sample, daemon=True).start()

    def enter(self, stage: str) -> None:
        """End the stage before, if it was another, and begin this one."""
        if stage == self._stage:
            return
        now, memory = time.monotonic(), resident_mib()
        if self._stage:
            figures = self.stages.setdefault(self._stage, {"seconds": 0.0, "peak_mib": 0.0})
            figures["seconds"] = round(figures["seconds"] + now - self._since, 2)
            figures["peak_mib"] = round(max(figures["peak_mib"], self._peak, memory))
        self._stage, self._since, self._peak = stage, now, memory

    def stop(self) -> dict[str, dict[str, float]]:
        """The figures of all stages."""
        self.enter("")
        self._ended.set()
        return self.stages

    def _sample(self) -> None:
        while not self._ended.wait(_SAMPLED_EVERY):
            self._peak = max(self._peak, resident_mib())


def resident_mib() -> float:
    """The memory that this process holds, in MiB (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 2**20

"""Say how far a run has come, while it is running."""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.core.analyses import Progress, Stage
from chalicelib.store import analyses

_WRITTEN_EVERY = timedelta(seconds=5)

Clock = Callable[[], datetime]


class Reporter:
    """Writes the progress of a run: each stage's beginning and end, and between them now and then.

    Attributes:
        clock: tells the time.
    """

    def __init__(self, run_id: str, clock: Clock) -> None:
        self.clock = clock
        self._run_id = run_id
        self._stage: Stage | None = None
        self._written = clock()

    def __call__(self, stage: Stage, share: float) -> None:
        """Say that so much of a stage is done, 0 to 1."""
        now = self.clock()
        if stage is self._stage and share < 1 and now - self._written < _WRITTEN_EVERY:
            return
        self._stage, self._written = stage, now
        analyses.save_progress(self._run_id, Progress(stage=stage, share=round(share, 4)))

"""The queue as the use cases see it, without the worker behind it."""

import pytest


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The messages to the queue, which no worker gets to see."""
    messages: list[tuple[str, int]] = []

    def send(run_id: str, delay_seconds: int = 0) -> None:
        messages.append((run_id, delay_seconds))

    monkeypatch.setattr("chalicelib.store.queue.send", send)
    return messages

"""What all tests share. The environment is set before anything of the project is imported."""

import itertools
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.api import Api
from tests.events import validate_events

if TYPE_CHECKING:
    from local.stack import Stack

os.environ["PRECEDENT_STAGE"] = "local"

# How long an example takes says more of the machine than of the code.
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")


@pytest.fixture(scope="session")
def stack() -> "Iterator[Stack]":
    """The whole product on the embedded AWS, empty, with its workers running."""
    from local.stack import start  # takes a second, which tests of the core can do without

    running = start()
    validate_events()
    yield running
    running.stop()


@pytest.fixture
def agent(stack: "Stack") -> Api:
    return Api(stack.url, "local-agent-token")


@pytest.fixture
def reviewer(stack: "Stack") -> Api:
    return Api(stack.url, "local-reviewer-token")


@pytest.fixture
def operator(stack: "Stack") -> Api:
    return Api(stack.url, "local-operator-token")


_numbers = itertools.count(1)


@pytest.fixture
def scope() -> str:
    """A scope that no other test uses."""
    return f"test-{next(_numbers)}"


@pytest.fixture
def set_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Change settings for one test: `set_settings(min_success_rate=0.6)`."""
    from chalicelib.settings import settings

    def change(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"PRECEDENT_{name.upper()}", str(value))
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()

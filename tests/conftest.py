"""What all tests share. The environment is set before anything of the project is imported."""

import os

os.environ["PRECEDENT_STAGE"] = "local"

import itertools
from collections.abc import Iterator

import pytest

from local import stack as local_stack
from tests.api import Api


@pytest.fixture(scope="session")
def stack() -> Iterator[local_stack.Stack]:
    """The whole product on the embedded AWS, empty, with its workers running."""
    running = local_stack.start()
    yield running
    running.stop()


@pytest.fixture
def agent(stack: local_stack.Stack) -> Api:
    return Api(stack.url, local_stack.TOKENS["agent"])


@pytest.fixture
def reviewer(stack: local_stack.Stack) -> Api:
    return Api(stack.url, local_stack.TOKENS["reviewer"])


@pytest.fixture
def operator(stack: local_stack.Stack) -> Api:
    return Api(stack.url, local_stack.TOKENS["operator"])


_numbers = itertools.count(1)


@pytest.fixture
def scope() -> str:
    """A scope that no other test uses."""
    return f"test-{next(_numbers)}"

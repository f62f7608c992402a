"""Tests that patch an AWS into this process come last."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Moto empties all that this process embeds when it is patched in, the stack's AWS too."""
    items.sort(key=lambda item: hasattr(getattr(item, "module", None), "mock_aws"))

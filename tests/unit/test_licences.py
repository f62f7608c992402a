"""The list of licences is that of what ships, and none is unknown."""

import sys
from pathlib import Path

import pytest

from infra import licences

LISTED = Path(__file__).parents[2] / "docs" / "licences.md"


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="other Pythons ship other versions")
def test_the_list_is_up_to_date() -> None:
    assert LISTED.read_text() == licences.document()


def test_every_licence_is_known_and_lets_us_ship() -> None:
    found = {name: licences.licence(each) for name, each in licences.shipped().items()}
    assert len(found) > 15
    free = ("MIT", "BSD", "Apache", "PSF")
    assert all(text.startswith(free) for text in found.values()), found

"""A reviewer sees of each step what could make a difference at night."""

from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.synthesis import synthesise
from chalicelib.routes import presentation
from tests.unit.test_synthesis import _incidents

PARTS = presentation._environment().get_template("_parts.html").module
TOLD = (
    "1. If the disk is full, look at it: `df -h` should show `40%`\n"
    "2. Restarted web-1. That did not help.\n3. `our-tool --heal`\n"
)


def _spec() -> PlaybookSpec:
    incidents = _incidents(TOLD, TOLD, TOLD + "4. Cleared the cache\n")
    return synthesise(incidents, name="x", systems=[], keywords=[], metadata={})


def test_conditions_expectations_risks_and_options_are_marked() -> None:
    pages = [str(PARTS.step(step, 1, 3)) for step in _spec().steps]
    assert "<dt>Only if</dt><dd>the disk is full</dd>" in pages[0]
    assert "the output contains <code>40%</code>" in pages[0]
    assert "may do anything" in pages[1]
    assert "optional" in pages[2]
    assert "optional" not in pages[0] + pages[1]


def test_what_did_not_help_and_other_orders_are_listed() -> None:
    page = str(PARTS.failed_attempts(_spec()))
    assert "Restart web-1" in page
    assert "did not help in 3 of 3" in page
    steps = [{"id": "a", "name": "Look"}, {"id": "b", "name": "Restart"}]
    spec = {"steps": steps, "metadata": {"order_conflicts": [["a", "b"]]}}
    order = str(PARTS.order_conflicts(spec))
    assert "<strong>2, Restart</strong> before step <strong>1, Look</strong>" in order


def test_metadata_that_people_write_breaks_no_page() -> None:
    for odd in (None, "text", 5, [1], [{}], ["ab", []], {"a": 1}):
        spec = {"steps": [], "metadata": {"failed_attempts": odd, "order_conflicts": odd}}
        assert isinstance(str(PARTS.failed_attempts(spec)) + str(PARTS.order_conflicts(spec)), str)
    assert str(PARTS.failed_attempts({"metadata": {}})).strip() == ""

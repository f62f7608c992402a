"""Coverage gaps: what asks for the same falls together."""

from datetime import UTC, datetime, timedelta

from chalicelib.core.gaps import Gap, gap_of, like
from chalicelib.core.situations import Situation

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def gap(title: str, by: str = "bot") -> Gap:
    return gap_of("x", Situation(title=title, affected_systems=["lp0"]), by, None, NOW)


def test_the_same_in_other_words_is_one_gap() -> None:
    known = gap("Printer on floor 3 is jammed")
    others = [known, gap("Certificate of the shop expired")]
    asked = gap("The printer on floor 12 jams again", "ann")
    assert asked.gap_id == known.gap_id
    same = like(others, asked)
    assert same is known
    again = same.again(asked.model_copy(update={"last_asked": NOW + timedelta(days=1)}))
    assert (again.count, again.revision, again.title) == (2, 2, known.title)
    assert again.examples == [asked.title, known.title]
    assert again.asked_by == ["ann", "bot"]
    assert again.last_asked == NOW + timedelta(days=1)


def test_what_is_different_stays_apart() -> None:
    assert like([gap("Printer on floor 3 is jammed")], gap("Mail queue on floor 3 grows")) is None
    assert like([], gap("Anything")) is None


def test_a_question_without_words_is_a_gap_all_the_same() -> None:
    assert gap("").title == "lp0"
    nothing = gap_of("x", Situation(), "bot", None, NOW)
    assert nothing.title == "(nothing was told)"
    assert like([nothing], nothing) is nothing

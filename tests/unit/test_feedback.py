"""What ratings add up to, and how far they move a confidence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.confidence import FEEDBACK_WEIGHT, Factors, confidence, contributions
from chalicelib.core.feedback import FeedbackFigures, FeedbackReport, Opinions, opinion

RATINGS = st.lists(st.integers(1, 5), max_size=30)


@settings(max_examples=60)
@given(RATINGS)
def test_an_opinion_is_bounded_and_a_better_rating_never_lowers_it(ratings: list[int]) -> None:
    assert -1 < opinion(ratings) < 1
    assert opinion([*ratings, 5]) >= opinion(ratings) >= opinion([*ratings, 1])


@pytest.mark.parametrize(
    ("ratings", "moved"), [([], 0), ([1], -0.025), ([1] * 5, -0.075), ([5] * 20, 0.12), ([3], 0)]
)
def test_one_click_decides_nothing_and_many_people_do(ratings: list[int], moved: float) -> None:
    plain = Factors(frequency=0.5, success=1, detail=0.8, recency=1)
    said = plain.model_copy(update={"feedback": opinion(ratings)})
    assert confidence(said) - confidence(plain) == pytest.approx(moved, abs=1e-4)
    assert sum(each.contribution for each in contributions(said)) == pytest.approx(confidence(said))


def test_a_confidence_stays_between_0_and_1() -> None:
    best = Factors(frequency=1, success=1, detail=1, recency=1, feedback=1)
    worst = Factors(frequency=0, success=0, detail=0, recency=0, feedback=-1)
    assert (confidence(best), confidence(worst), FEEDBACK_WEIGHT) == (1, 0, 0.15)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5), st.sampled_from("xy"))))
def test_figures_are_what_everybody_said_last(said: list[tuple[str, int, str]]) -> None:
    opinions, figures = Opinions(), FeedbackFigures()
    for person, rating, tag in said:
        report = FeedbackReport(rating=rating, tags=[tag])
        figures = figures.plus(report, opinions.by_person.get(person))
        opinions = opinions.plus(person, report)
    last = {person: (rating, tag) for person, rating, tag in said}
    summary = figures.summary()
    assert summary["ratings"] == len(last) == len(opinions.by_person)
    assert sum(summary["tags"].values()) == len(last)
    assert opinions.value == opinion(rating for rating, _ in last.values())

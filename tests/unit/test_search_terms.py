import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.search_terms import (
    is_detail,
    is_pair,
    search_terms,
    shown,
    whole_names,
    words,
)


def numbers(text: str) -> list[str]:
    return [shown(term) for term in search_terms(text) if is_detail(term) and not is_pair(term)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("crossed 75%, will be read-only at 85 percent", ["75%", "85%"]),
        ("for 10 minutes [10m], then 4 hrs", ["10min", "10min", "4h"]),
        ("exit code 137 and HTTP 503; load > 20.", ["137", "503", "20"]),
        ("99.9% under 500 ms", ["99.9%", "500ms"]),
        ("node-07, web3, v1.2.3, 1,000,000 rows, 12345678", []),
        ("at 2026-01-31T10:00:00Z from 10.0.0.7:8080, id 0x7f", []),
        ("3scale and 5xx are names", []),
    ],
)
def test_numbers_that_stand_for_themselves_are_terms(text: str, found: list[str]) -> None:
    assert numbers(text) == found


def test_pairs_stay_within_a_sentence_and_between_words() -> None:
    pairs = [
        term
        for term in search_terms("Disk full. Pods fail\n\nNode (worker) 3 down")
        if is_pair(term)
    ]
    assert pairs == ["disk full", "pod fail", "node worker"]
    assert "virt api" in search_terms("virt-api")
    assert "line break" in search_terms("line\nbreaks")


def test_a_pair_that_a_hyphen_joins_counts_twice() -> None:
    assert search_terms("virt-api down").count("virt api") == 2
    assert search_terms("virt api - down").count("virt api") == 1
    assert search_terms("pod out-of-order").count("pod order") == 1
    assert search_terms("kube-controller-manager").count("control manag") == 2


def test_whole_names_are_those_put_together_of_parts() -> None:
    assert whole_names("KubeletDown on amber-33, see max_connections") == {
        "kubeletdown",
        "max_connections",
    }


def test_words_that_hold_a_sentence_together_find_nothing_and_part_no_pair() -> None:
    assert search_terms("during the last hours") == ["hour"]
    assert "pod node" in search_terms("Pods across nodes")
    assert words("within 75% of the last node's disk") == {"node", "disk"}


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_a_pair_is_made_of_terms_and_a_number_of_digits(text: str) -> None:
    found = search_terms(text)
    for term in found:
        if is_pair(term):
            assert set(term.split(" ")) <= set(found)
        elif is_detail(term):
            assert any(letter.isdigit() for letter in shown(term))

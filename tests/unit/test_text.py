"""Texts are masked and split into terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.text import mask, terms


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("GET https://shop.example.com/cart?id=7 failed", "GET <url> failed"),
        ("at 2026-01-31T09:30:00Z and 14:05:01.250", "at <time> and <time>"),
        ("from 10.0.0.7:9200 to fe80::1:2:3", "from <ip> to <ip>"),
        ("db01.prod.internal is down", "<host> is down"),
        ("trace 4f9e2c1ab07d at 0xDEADBEEF", "trace <hex> at <hex>"),
        ("job 123e4567-e89b-12d3-a456-426614174000", "job <id>"),
        ("pod web-7d9f8b6c5d-x2x4z evicted", "pod web-<hex>-<id> evicted"),
        (
            "wrote /var/log/app/a.log, 85% of 4.5GB in 12 ms",
            "wrote <path>, <number> of <number> in <number>",
        ),
        ("node3 and worker-12", "node<number> and worker-<number>"),
        ("mail by <EMAIL:3f9a>", "mail by <id>"),
    ],
)
def test_masks_what_varies(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize("text", ["returned 504 again", "java.lang.OutOfMemoryError", "s3 and ec2"])
def test_keeps_what_tells_the_kind_of_trouble(text):
    assert terms(mask(text)) == terms(text)


def test_two_reports_of_one_line_are_masked_alike():
    one = "10:01:22 worker-3 lost block blk_-160899968 after 30s"
    other = "23:59:01 worker-41 lost block blk_7712 after 9.5s"
    assert mask(one) == mask(other)


def test_names_give_the_whole_and_their_parts():
    assert terms("NullPointerException in index_not_found") == [
        "nullpointerexception", "null", "pointer", "exception",
        "index_not_found", "index", "found",
    ]  # fmt: skip


def test_plurals_are_folded_and_names_in_s_kept():
    assert terms("Queries, caches, crashes and indexes of Kubernetes, Redis and Postgres") == [
        "query", "cache", "crash", "index", "kubernetes", "redis", "postgres",
    ]  # fmt: skip


def test_masks_are_no_terms():
    assert terms(mask("lost 10.0.0.1 at 10:00 on 2026-01-01")) == ["lost"]


@pytest.mark.parametrize("part", ["a.", "a-", "12.5", "x@", "1:", "/a", "ab.cd-", "a://", "_a"])
def test_masking_takes_linear_time(part):
    """Where it were quadratic, any of these would take minutes."""
    assert mask(part * (100_000 // len(part)))


@given(st.text(max_size=300))
def test_any_text_gives_lower_cased_terms_without_blanks(text):
    for term in terms(mask(text)):
        assert term == term.lower()
        assert len(term.split()) == 1


@given(st.text(alphabet="a1.:/-_<> \nxF%@", max_size=200))
def test_masking_leaves_no_number_of_four_digits_or_more(text):
    words = mask(text).split()
    assert not [word for word in words if word.isdecimal() and len(word) > 3]


_values = st.sampled_from(["host", "pod", "count", "path", "at"]).flatmap(
    lambda kind: st.integers(10, 9_999).map(
        {
            "host": lambda n: f"db{n}.prod.internal",
            "pod": lambda n: f"10.0.{n % 200}.{n % 99}",
            "count": lambda n: f"{n} MB",
            "path": lambda n: f"/var/log/app-{n}.log",
            "at": lambda n: f"2026-01-{n % 20 + 10}T09:{n % 49 + 10}:00Z",
        }[kind]
    )
)
_WORDS = ["disk", "of", "shard", "is", "full", "replica", "lags", "behind"]


@given(st.lists(st.sampled_from(_WORDS), min_size=1), _values, st.integers(0, 99))
def test_masking_keeps_the_meaning(words, value, place):
    """What stands around a value stays, the value's form alone remains, and once is enough."""
    place %= len(words) + 1
    masked = mask(" ".join([*words[:place], value, *words[place:]]))
    assert [word for word in masked.split() if "<" not in word] == words
    assert terms(masked) == terms(mask(" ".join(words)))
    assert mask(masked) == masked

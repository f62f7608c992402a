import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.core.incidents import IncidentReport, Status, incident_of
from chalicelib.redaction import redact_value
from local.__main__ import main
from local.examples import ONCE, examples, kinds, secret

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EXAMPLES = examples(NOW)
SECRETS = ["password", "github_token", "aws_access_key", "aws_secret_key", "private_key"]


def test_there_are_enough_of_enough_kinds() -> None:
    sizes = Counter(kinds().values())
    once = sizes.pop(ONCE)
    assert len(EXAMPLES) >= 64
    assert len({each["incident_id"] for each in EXAMPLES}) == len(EXAMPLES)
    assert len(sizes) >= 9
    assert all(5 <= size <= 9 for size in sizes.values())
    assert once >= 6


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["incident_id"])
def test_each_is_a_sound_report_of_the_last_four_weeks(example: dict[str, object]) -> None:
    incident = incident_of(IncidentReport(**example), "unused", NOW)
    assert NOW - timedelta(days=28) <= incident.opened_at <= NOW
    assert incident.resolved_at is None or incident.resolved_at <= NOW
    assert re.fullmatch(r"EX-\d{3}", incident.incident_id)


def test_some_failed_and_some_are_still_open() -> None:
    found = Counter(incident_of(IncidentReport(**each), "unused", NOW).status for each in EXAMPLES)
    assert found[Status.UNRESOLVED] >= 4
    assert found[Status.OPEN] >= 1


def test_severities_are_spelt_in_many_ways() -> None:
    assert len({each["severity"] for each in EXAMPLES}) >= 12


def test_redaction_takes_every_secret_out() -> None:
    said = str(EXAMPLES)
    kept = str(redact_value(EXAMPLES))
    with_secrets = [each for each in EXAMPLES if str(redact_value(each)) != str(each)]
    assert len(with_secrets) >= 4
    for example in with_secrets:
        for kind in SECRETS:
            value = secret(kind, example["incident_id"] + kind)
            assert str([value])[2:-2] not in kept
    assert "{{secret:" not in said
    assert {each["incident_id"] for each in with_secrets} == {
        each["incident_id"]
        for each in EXAMPLES
        if any(secret(k, each["incident_id"] + k).splitlines()[0] in _text(each) for k in SECRETS)
    }


def _text(example: dict[str, object]) -> str:
    return "\n".join(map(str, example.values()))


@pytest.mark.parametrize("port", ["abc", "-1", "65536"])
def test_a_port_that_is_none_is_told(
    port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", port)
    assert main() == 1
    assert f"not {port}" in capsys.readouterr().out

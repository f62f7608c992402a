"""Trying a playbook on the past: what it is known by, what it is ranked among, what it covers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.core.candidates import candidate_of, found_by
from chalicelib.core.incidents import Incident, Severity, Status
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.relevance import Index, index_of
from chalicelib.core.replay import Proposal, replay
from chalicelib.core.versions import Playbook, PlaybookStatus


def incident(number: int, title: str, resolution: str, system: str = "postgresql") -> Incident:
    return Incident(
        incident_id=f"i-{number}",
        title=title,
        resolution=resolution,
        affected_systems=[system],
        severity=Severity.HIGH,
        status=Status.RESOLVED,
        opened_at=datetime(2026, 1, number, tzinfo=UTC),
    )


STEPS = "1. Looked: `df -h`\n2. `sudo logrotate -f /etc/logrotate.conf`"
ALIKE = [incident(n, "PostgreSQL cannot write, disk full", STEPS) for n in range(1, 5)]
OTHER = [incident(n, "Certificate of the shop expired", "Renewed it.", "nginx") for n in (7, 8)]
SPEC = PlaybookSpec.model_validate(
    {
        "name": "PostgreSQL cannot write, disk full",
        "steps": [
            {"id": "a", "name": "Look", "action": "shell", "args": {"command": "df -h"}},
            {
                "id": "b",
                "name": "Call",
                "action": "noop",
                "args": {"message": "Call the team"},
            },
        ],
    }
)
NOW = datetime(2026, 2, 1, tzinfo=UTC)


def playbook(playbook_id: str, spec: PlaybookSpec, **known: object) -> Playbook:
    values = {
        "scope": "default",
        "title": spec.name,
        "status": PlaybookStatus.ACTIVE,
        "version": "1.0.0",
        "systems": [],
        "severities": [],
        "symptoms": [],
        "created_by": "ann",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Playbook(playbook_id=playbook_id, spec=spec, **values | known)


def among(*playbooks: Playbook) -> Index:
    return index_of(
        [candidate_of(each) for each in playbooks], [found_by(each) for each in playbooks]
    )


PROPOSAL = Proposal(
    playbook(
        "pb-own",
        SPEC,
        systems=["postgresql"],
        severities=[Severity.HIGH],
        confidence_score=0.9,
        solved_rate=1.0,
        incident_texts={each.incident_id: each.title for each in ALIKE},
    ),
    ALIKE,
)
CERTIFICATE = playbook(
    "pb-1",
    PlaybookSpec.model_validate(
        {
            "name": "Renew the certificate of the shop, it expired",
            "steps": [{"id": "a", "name": "Renew", "action": "noop", "args": {"message": "Renew"}}],
        }
    ),
)


def test_it_is_recommended_for_its_own_incidents_and_for_no_others() -> None:
    shares: list[float] = []
    told = replay(
        PROPOSAL, among(CERTIFICATE), OTHER, min_relevance=0.6, most=5, report=shares.append
    )
    assert (told.incidents, told.recommended, told.first, told.playbooks) == (4, 4, 4, 1)
    assert (told.recommended_rate, told.recommended_interval) == (1.0, (0.5101, 1.0))
    assert told.ranks is not None
    assert (told.ranks.lower, told.ranks.median, told.ranks.upper) == (1, 1, 1)
    assert (told.others, told.wrongly_offered, told.wrong) == (2, 0, [])
    assert shares == pytest.approx([0.2, 0.4, 0.6, 0.8])


def test_of_the_steps_that_an_incident_tells_of_it_covers_those_that_it_has() -> None:
    told = replay(PROPOSAL, among(), [], min_relevance=0, most=5)
    assert [(each.steps, each.covered) for each in told.tried] == [(2, 1)] * 4
    assert told.coverage is not None
    assert told.coverage.median == 0.5
    assert (told.others, told.wrong_rate, told.wrong_interval) == (0, None, (0.0, 1.0))


def test_an_incident_that_is_left_out_helps_its_playbook_with_none_of_its_words() -> None:
    """One of its kind alone in its words and its system: known only while it is not left out."""
    odd = incident(9, "Zookeeper ensemble lost quorum", STEPS, "zookeeper")
    known = PROPOSAL.playbook
    texts = {**known.incident_texts, odd.incident_id: odd.title}
    own = known.model_copy(update={"systems": ["postgresql", "zookeeper"], "incident_texts": texts})
    proposal = replace(PROPOSAL, playbook=own, incidents=[*ALIKE, odd])
    told = replay(proposal, among(CERTIFICATE), [odd], min_relevance=0.3, most=5)
    *_, left_out = told.tried
    assert (left_out.incident_id, left_out.recommended) == ("i-9", False)
    [known] = told.wrong  # the same one, as if it were another's: now its words are known
    assert known.relevance > left_out.relevance


def test_a_better_rival_takes_the_first_place() -> None:
    rival = playbook(
        "pb-2",
        SPEC,
        systems=["postgresql"],
        severities=[Severity.HIGH],
        incident_texts={f"r-{each.incident_id}": each.title for each in ALIKE},
        solved_rate=1.0,
        successes=50,
        executions=50,
    )
    seldom = PROPOSAL.playbook.model_copy(update={"solved_rate": 0.5})
    told = replay(replace(PROPOSAL, playbook=seldom), among(rival), [], min_relevance=0, most=1)
    assert {each.rank for each in told.tried} == {2}
    assert (told.recommended, told.first) == (0, 0)

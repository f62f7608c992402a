"""Who is answered and who is refused is counted as it was."""

from typing import Any

from tests.evaluate_refusing import alerts, figures, issues

_QUEUE = "Mail queue stuck, deferred messages pile up"


def test_kinds_are_answered_by_their_other_half_and_the_rest_is_refused() -> None:
    kind = [{"title": _QUEUE, "description": _QUEUE, "label": "mail"} for _ in range(3)]
    lone = [{"title": "Backup tape is worn", "description": None}]
    assert figures([issues([*kind, *lone])]) == {
        "answerable": 1,
        "right_first": 1.0,
        "right_first_refused": 0.0,
        "without_a_playbook": 1,
        "without_a_playbook_refused": 1.0,
    }


def test_each_alert_asks_once_without_its_runbook() -> None:
    def book(name: str, text: str) -> dict[str, Any]:
        return {"id": name, "title": f"x/{name}", "sections": [{"text": text}], "commands": []}

    texts = {"MailStuck": _QUEUE, "TapeWorn": "Backup tape is worn", "DiskGone": "A disk is away"}
    books = [book(name, text) for name, text in texts.items()]
    queries = [{"label": "MailStuck", "title": _QUEUE, "gold": ["MailStuck"]}]
    for named in (True, False):
        found = figures(alerts(queries, books, named=named))
        assert (found["answerable"], found["without_a_playbook"]) == (3, 1)
        assert (found["right_first"], found["without_a_playbook_refused"]) == (1.0, 1.0)

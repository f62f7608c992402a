"""A team's work at random, with faults drawn into it, beside a ledger kept outside of the product.

The ledger has what was acknowledged. In the end everything in it is there (nothing lost), once
(nothing doubled), and what is there belongs to something that is there (nothing orphaned).
"""

import json
import math
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chalicelib.services import (
    agents,
    deliver,
    discuss,
    operate,
    publish,
    record,
    report,
    request_analysis,
    tokens,
    versions,
)
from tests.faults import world
from tests.faults.injection import Calls, Fault
from tests.faults.positions import insist
from tests.faults.prepared import HEARS, OPERATOR, SCOPE
from tests.faults.use_cases import SPEC, requested
from tests.services.cases import AGENT, NOW, REVIEWER, disk_full, suggested

_STEPS = 50
#: A scope without incidents, as an analysis that reads some takes long.
_QUIET = "quiet"

#: Which call of an operation goes wrong, and how. Where it makes fewer calls, none does.
faults = st.tuples(st.integers(1, 8), st.sampled_from(list(Fault)))
places = st.integers(0, 9)


class Work(RuleBasedStateMachine):
    """The work, and the ledger of what was acknowledged."""

    done: ClassVar[int] = 0
    struck: ClassVar[int] = 0
    empty: ClassVar[bytes]

    @initialize()
    def begin(self) -> None:
        world.put_back(self.empty)
        [self.suggestion] = {item["pk"] for table, item in world.items() if table == "suggestions"}
        self.number = 0
        self.titles = {f"disk-{number}": disk_full(number)["title"] for number in range(1, 6)}
        self.playbooks: dict[str, list[str]] = {}
        self.runs: dict[str, Counter[str]] = {}
        self.comments: list[str] = []
        self.issued: list[str] = []
        self.asked: list[str] = []

    @rule(place=places, title=st.sampled_from("abc"), fault=faults)
    def report(self, place: int, title: str, fault: Any) -> None:
        body = disk_full(1, incident_id=f"inc-{place}", title=title, scope=SCOPE)
        self.do(lambda: report.report(body, AGENT, NOW), fault)
        self.titles[f"inc-{place}"] = title

    @rule(fault=faults)
    def report_without_an_id(self, fault: Any) -> None:
        body = disk_full(1, title="anonymous", scope=SCOPE)
        del body["incident_id"]
        told = self.request(lambda at: report.report(body, AGENT, at).incident_id, fault)
        self.titles[told] = "anonymous"

    @rule(fault=faults)
    def publish(self, fault: Any) -> None:
        body = {"scope": SCOPE, "spec": SPEC}
        made = self.request(
            lambda at: publish.write_playbook(body, REVIEWER, at).playbook_id, fault
        )
        self.playbooks[made] = [""]
        self.runs[made] = Counter()

    @precondition(lambda self: self.playbooks)
    @rule(place=places, text=st.sampled_from("abc"), fault=faults)
    def put_a_version(self, place: int, text: str, fault: Any) -> None:
        playbook = self.a_playbook(place)
        body = {"spec": {**SPEC, "description": text}}
        self.do(lambda: versions.edit(playbook, body, REVIEWER, NOW), fault)
        if self.playbooks[playbook][-1] != text:
            self.playbooks[playbook].append(text)

    @precondition(lambda self: self.playbooks)
    @rule(place=places, status=st.sampled_from(["success", "failure"]), fault=faults)
    def run(self, place: int, status: str, fault: Any) -> None:
        playbook = self.a_playbook(place)
        self.request(
            lambda at: (
                record.record_execution(
                    playbook, {"status": status, "version": "1.0.0"}, AGENT, at
                ).execution_id
            ),
            fault,
        )
        self.runs[playbook][status] += 1

    @rule(fault=faults)
    def comment(self, fault: Any) -> None:
        body = {"text": "Looks good"}
        said = self.request(
            lambda at: discuss.comment(self.suggestion, body, REVIEWER, at).comment_id, fault
        )
        self.comments.append(said)

    @rule(fault=faults)
    def issue_a_token(self, fault: Any) -> None:
        self.number += 1
        body = {"name": f"token-{self.number}", "role": "agent", "scopes": [SCOPE]}
        # Whose answer was lost for good is told that the token is there, and rotates it.
        self.request(lambda at: tokens.issue_token(body, OPERATOR, at)[1].token_id, fault)
        self.issued.append(body["name"])

    @rule(fault=faults)
    def ask_for_an_analysis(self, fault: Any) -> None:
        body = {"scope": _QUIET}
        asked = self.request(lambda at: request_analysis.request(body, AGENT, at).run_id, fault)
        self.asked.append(asked)

    @rule(fault=faults)
    def sweep(self, fault: Any) -> None:
        self.do(deliver.sweep, fault)

    @rule(times=st.integers(1, 5), fault=faults)
    def drain(self, times: int, fault: Any) -> None:
        """The workers, whose messages come again when they are killed."""
        before = {name: world.received(name) for name in ("analysis", "inboxes")}

        def work() -> None:
            for name, bodies in before.items():
                world.work_on(name, bodies * times, NOW)

        self.do(work, fault)

    @invariant()
    def the_trail_holds(self) -> None:
        if Work.done % 10 == 0:
            for scope in (SCOPE, _QUIET, "*"):
                assert operate.verify_trail(scope)[1] is None

    def teardown(self) -> None:
        if not hasattr(self, "titles"):
            return
        world.drain(NOW + timedelta(hours=2))
        for scope in world.scopes_with_a_trail():
            assert operate.verify_trail(scope)[1] is None
        kept = _Kept()
        assert kept.titles == self.titles
        assert kept.versions == {each: len(texts) for each, texts in self.playbooks.items()}
        assert kept.runs == {each: runs for each, runs in self.runs.items() if runs}
        assert kept.figures == {each: runs.total() for each, runs in self.runs.items()}
        assert kept.comments == Counter(self.comments)
        assert kept.tokens == Counter(self.issued)
        assert set(self.asked) <= set(kept.analyses)
        assert {kept.analyses[each] for each in self.asked} <= {"insufficient_data"}
        published = sum(map(len, self.playbooks.values()))
        executed = sum(runs.total() for runs in self.runs.values())
        told = {"playbook.published": published, "execution.recorded": executed}
        assert kept.told == Counter({kind: count for kind, count in told.items() if count})
        assert kept.waiting == []
        assert (
            kept.done
            == Counter(
                {
                    "published": published,
                    "executed": executed,
                    "commented": len(self.comments),
                    "issued": len(self.issued),
                    "requested": len(self.asked),
                }
            )
            - Counter()
        )

    def a_playbook(self, place: int) -> str:
        return sorted(self.playbooks)[place % len(self.playbooks)]

    def request(self, act: Callable[[Any], Any], fault: Any) -> Any:
        """A request under a key of its own."""
        self.number += 1
        key = f"key-{self.number}"
        return self.do(lambda: requested(key, act), fault)

    def do(self, act: Callable[[], Any], fault: Any) -> Any:
        """One operation; with a fault, it is tried again until it is answered."""
        Work.done += 1
        calls = Calls(*fault)
        answer = insist(act, calls)
        Work.struck += calls.struck
        return answer


class _Kept:
    """What the tables hold in the end."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}
        self.versions: Counter[str] = Counter()
        self.runs: dict[str, Counter[str]] = {}
        self.figures: dict[str, int] = {}
        self.comments: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()
        self.analyses: dict[str, str] = {}
        self.told: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.waiting: list[str] = []
        for table, item in world.items():
            kind = item["sk"].partition("#")[0]
            document = item.get("document") or "null"
            getattr(self, f"_{table}", lambda *_: None)(kind, item, document)

    def _incidents(self, kind: str, item: Any, document: str) -> None:
        if kind == "incident":
            incident = json.loads(document)
            self.titles[incident["incident_id"]] = incident["title"]

    def _playbooks(self, kind: str, item: Any, document: str) -> None:
        if kind == "playbook":
            self.figures[item["pk"]] = json.loads(document)["executions"]
        elif kind == "version":
            self.versions[item["pk"]] += 1
        elif kind == "execution":
            self.runs.setdefault(item["pk"], Counter())[json.loads(document)["status"]] += 1

    def _suggestions(self, kind: str, item: Any, document: str) -> None:
        if kind == "comment":
            self.comments[json.loads(document)["comment_id"]] += 1

    def _tokens(self, kind: str, item: Any, document: str) -> None:
        if item["pk"] == "tokens":
            self.tokens[json.loads(document)["grant"]["name"]] += 1

    def _analyses(self, kind: str, item: Any, document: str) -> None:
        if kind == "run":
            self.analyses[item["pk"]] = json.loads(document)["status"]

    def _agents(self, kind: str, item: Any, document: str) -> None:
        if kind == "notification":
            self.told[json.loads(document)["type"]] += 1

    def _outbox(self, kind: str, item: Any, document: str) -> None:
        self.waiting.append(item["pk"])

    def _audit(self, kind: str, item: Any, document: str) -> None:
        if item["sk"].isdecimal():
            action = json.loads(document)["action"]
            if action in ("published", "executed", "commented", "issued", "requested"):
                self.done[action] += 1


def run_all(operations: int, number: int) -> tuple[int, int]:
    """Do so many operations, and return how many were done, and how many of them met their fault.

    Raises:
        AssertionError: something was lost, doubled or orphaned; Hypothesis tells by which steps.
    """
    suggested(SCOPE)
    agents.register("ear", HEARS, AGENT, NOW)
    world.drain(NOW)
    Work.empty = world.snapshot()
    options = settings(
        max_examples=math.ceil(operations / _STEPS * 1.2),
        stateful_step_count=_STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    seeds = count(number)
    while Work.done < operations:
        run_state_machine_as_test(seed(next(seeds))(Work), settings=options)
    return Work.done, Work.struck

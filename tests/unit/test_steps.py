"""The steps of a resolution, each with its place in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.steps import mentions
from tests.unit.five_incidents import NOW, VARIANTS

LONGEST_QUOTE = 300

#: Pieces that the grammar of resolutions is made of, so that Hypothesis meets them together.
PIECES = st.sampled_from(
    '```\n|`df -h`|"|`|1. |- |$ |Restarted |nginx| and then |: |\\|\n|. |sudo |it did not help'
    "|; |Step 2: |“|”|(|# |```bash\n".split("|")
)
TEXTS = st.text(max_size=300) | st.lists(PIECES, max_size=40).map("".join)


def _mentions(resolution):
    return mentions(incident_of(IncidentReport(title="x", resolution=resolution), "inc-1", NOW))


def _told(resolution):
    return [(each.text, each.command, each.outcome) for each in _mentions(resolution)]


@pytest.mark.parametrize(
    ("resolution", "told"),
    [
        ("Restarted the service", [("Restart the service", None, "done")]),
        ("Checked disk space with `df -h`", [("Check disk space", "df -h", "done")]),
        ("`df -h` to check the disks", [("Check the disks", "df -h", "done")]),
        ("Check disk space: df -h", [("Check disk space", "df -h", "done")]),
        ("Checked disk space with 'df -h'", [("Check disk space", "df -h", "done")]),
        ("Ran `df -h` and `free -m`", [("", "df -h", "done"), ("", "free -m", "done")]),
        ("Disk was full. CPU at 95%", []),
        (
            "Rolled back with helm rollback api 41. Told Ann",
            [
                ("Roll back", "helm rollback api 41", "done"),
                ("Tell Ann", None, "done"),
            ],
        ),
        ("Vacuumed: VACUUM FULL orders; fixed", [("", "VACUUM FULL orders", "done")]),
        (
            "Checked curl -I https://a.example/x => 200",
            [
                ("", "curl -I https://a.example/x", "done"),
            ],
        ),
        (
            "Set the policy: redis-cli config set maxmemory-policy noeviction",
            [
                ("Set the policy", "redis-cli config set maxmemory-policy noeviction", "done"),
            ],
        ),
        ("10:05 kubectl: see `kubectl get pods`", [("", "kubectl get pods", "done")]),
        ("", []),
    ],
)
def test_a_clause_tells_of_an_action_or_of_its_commands(resolution, told):
    assert _told(resolution) == told


@pytest.mark.parametrize(
    "resolution",
    [
        "1. Restarted the node\n2. Cleared the cache",
        "- restarted the node\n- cleared the cache",
        "Step 1: restarted the node\nStep 2: cleared the cache",
        "1. Restarted the node 2. Cleared the cache",
        "Restarted the node, then cleared the cache.",
        "Restarted the node and cleared the cache",
        "Restarted the node; cleared the cache",
        "Restarted the node. Cleared the cache.",
        "restarted the node. cleared the cache.",
        "@ann: restarted the node\n@bob.k: cleared the cache",
        "10:02 @ann: restarted the node\n10:05 @ann: cleared the cache",
        "[10:02] ann: restarted the node\n[10:05] bob: cleared the cache",
        "node hangs -> restarted the node -> cleared the cache",
    ],
)
def test_lists_sentences_and_clauses_are_taken_apart(resolution):
    assert _told(resolution) == [
        ("Restart the node", None, "done"),
        ("Clear the cache", None, "done"),
    ]


def test_a_block_of_code_is_commands_named_by_the_line_before():
    (mention,) = _mentions("Restarted it:\n```\nsudo systemctl restart nginx\n```")
    assert (mention.text, mention.command) == ("Restart it", "sudo systemctl restart nginx")
    assert mention.quote == "sudo systemctl restart nginx"


def test_right_before_a_block_of_code_a_line_needs_no_colon():
    for end in ("", ".", ":"):
        told = _told(f"Removed old dumps{end}\n```sh\n$ ls -l /x\n```")
        assert told == [("Remove old dumps", "ls -l /x", "done")]
    assert _told("Removed old dumps\n\n```\nls -l /x\n```") == [
        ("Remove old dumps", None, "done"),
        ("", "ls -l /x", "done"),
    ]


def test_a_word_that_is_cut_short_ends_no_sentence():
    assert _told("Removed the logs, dumps etc. of approx. two weeks vs. all") == [
        ("Remove the logs, dumps etc. of approx. two weeks vs. all", None, "done")
    ]


def test_who_did_it_is_no_part_of_what_was_done():
    assert _told("Ann checked with `df -h`") == [("", "df -h", "done")]
    assert _told("Ann verified that the site is up") == [
        ("Verify that the site is up", None, "done")
    ]
    assert _told("Disks checked") == [("Check disks", None, "done")]


def test_output_comments_and_other_languages_are_no_commands():
    assert _told("```bash\n$ kubectl get pods\nNAME READY\n```") == [
        ("", "kubectl get pods", "done")
    ]
    assert _told("```bash\n# look first\ndf -h\n```") == [("Look first", "df -h", "done")]
    assert _told("```yaml\nreplicas: 3\n```") == []


def test_a_command_goes_on_after_a_backslash():
    ((_, command, _),) = _told("```\nkubectl get pods \\\n  -n prod\n```")
    assert command == "kubectl get pods -n prod"


def test_what_did_not_help_has_failed_also_when_told_behind():
    assert [o for *_, o in _told("Restarted the node. That did not help. Cleared the cache")] == [
        "failed",
        "done",
    ]
    assert _told("Restarting the node did not help")[0][2] == "failed"


def test_what_stands_right_under_a_prompt_is_output_though_it_looks_like_a_command():
    for program in ("/dev/sda1", "/usr/sbin/nginx"):
        told = _told(f"$ df -h\n{program} -x 50G\n$ ls -l /x\n\ndf -i /x")
        assert [command for _, command, _ in told] == ["df -h", "ls -l /x", "df -i /x"]


def test_an_apostrophe_that_is_left_out_changes_nothing():
    for said in ("didn't help", "didn’t help", "didnt help much"):
        assert _told(f"Ran `df -h`, that {said}")[-1][2] == "failed", said
        assert _told(f"Cleared the cache, {said}.") == [("Clear the cache", None, "failed")], said


def test_what_should_be_done_was_only_suggested():
    assert _told("Add more disks next time") == [("Add more disks next time", None, "suggested")]


@pytest.mark.parametrize(
    "resolution",
    [
        "14:05 restarted the node\n14:20 cleared the cache",
        "[09:05:10] Restarted the node\n[09:20:00] Cleared the cache",
        "- 2026-01-05 14:05 UTC - restarted the node\n- 2026-01-05 14:20 UTC - cleared the cache",
    ],
)
def test_the_times_of_a_timeline_are_no_part_of_its_steps(resolution):
    assert [text for text, *_ in _told(resolution)] == ["Restart the node", "Clear the cache"]


@pytest.mark.parametrize(
    "command",
    [
        "cat <<EOF | kubectl apply -f -\nkind: ConfigMap\n# not a comment\nEOF",
        "for pod in a b; do\n  kubectl delete pod $pod\ndone",
        "kubectl patch node web-1 -p '{\n  \"spec\": {}\n}'",
        "sudo -u postgres env A=1 psql -c 'select 1' | head -n 1",
    ],
)
def test_a_command_is_whole_over_lines_pipes_and_prefixes(command):
    assert [c for _, c, _ in _told(f"Did this:\n```bash\n{command}\n```\nIt helped.")] == [command]
    assert [c for _, c, _ in _told(f"{command}\n\nIt helped.")] == [command]


def test_the_cells_of_a_table_are_read_one_by_one():
    table = (
        "| time | what |\n|---|---|\n| 10:01 | kubectl get nodes |\n| 10:05 | Drained it: `df -h` |"
    )
    assert [(text, command) for text, command, _ in _told(table)] == [
        ("", "kubectl get nodes"),
        ("Drain it", "df -h"),
    ]


def test_a_here_document_without_its_end_is_its_line_alone():
    told = _told("cat <<EOF > /etc/motd\nRestarted the node.\n")
    assert [c for _, c, _ in told] == ["cat <<EOF > /etc/motd", None]


def test_what_stands_under_a_prompt_is_its_output_up_to_a_blank_line():
    told = _told("$ systemctl status nginx\nRestarting it now\nfailed\n\nRestarted the node")
    assert [(t, c) for t, c, _ in told] == [
        ("", "systemctl status nginx"),
        ("Restart the node", None),
    ]


@pytest.mark.parametrize(
    ("resolution", "condition"),
    [
        ("If the disk is full, clear the cache", "the disk is full"),
        ("If the disk is full, run `df -h`", "the disk is full"),
        ("Clear the cache if the disk is full.", "the disk is full"),
        ("Clear the cache only if the disk is full: `df -h`", "the disk is full"),
        ("Clear the cache if needed", ""),
        ("Clear the cache", ""),
    ],
)
def test_what_a_step_depends_on_is_told_apart_from_it(resolution, condition):
    (mention,) = _mentions(resolution)
    assert mention.condition == condition
    assert mention.text in ("Clear the cache", "", "Clear the cache if needed")


@pytest.mark.parametrize(
    "resolution",
    [
        "Restarted the node, no effect",
        "Restarted the node but it made no difference.",
        "Restarted the node. No luck.",
        "Tried to restart the node but it hung.",
        "Restarted the node. The problem persisted.",
        "Restarted the node and checked it with `df -h`. That did not help.",
    ],
)
def test_it_is_the_change_that_did_not_help_in_its_own_words(resolution):
    told = _told(resolution)
    assert told[0] == ("Restart the node", None, "failed")
    assert all(outcome == "done" for *_, outcome in told[1:])


def test_what_something_was_done_after_comes_first():
    assert [text for text, *_ in _told("Restarted the node after clearing the cache.")] == [
        "Clear the cache",
        "Restart the node",
    ]


def test_a_command_for_the_next_time_was_not_run():
    assert _told("Next time run `df -h` first")[0][2] == "suggested"


@pytest.mark.parametrize(
    ("resolution", "kind"),
    [
        ("Checked the logs", "check"),
        ("Ran `df -h`", "check"),
        ("Restarted the node", "change"),
        ("Checked it by `systemctl restart nginx`", "change"),
        ("Waited 5 minutes", "wait"),
        ("Verified the replicas", "verify"),
        ("Checked the dates again", "verify"),
        ("Escalated to the vendor", "escalate"),
        ("Paged the database team", "escalate"),
        ("Notified the customers", "communicate"),
    ],
)
def test_a_step_has_a_kind(resolution, kind):
    assert _mentions(resolution)[0].kind == kind


@pytest.mark.parametrize("variant", VARIANTS)
def test_quotes_are_the_words_at_their_places(variant):
    accounts = [(incident, mentions(incident)) for incident in VARIANTS[variant]]
    assert any(found for _, found in accounts)
    for incident, found in accounts:
        for each in found:
            assert each.quote == incident.resolution[slice(*each.span)]
            assert each.incident_id == incident.incident_id


@given(TEXTS)
def test_whatever_is_written_is_quoted_as_it_stands(resolution):
    for each in _mentions(resolution):
        start, end = each.span
        assert 0 <= start < end <= len(resolution)
        assert each.quote == resolution[start:end][:LONGEST_QUOTE]
        assert len(each.quote) <= LONGEST_QUOTE
        assert each.text or each.command


@given(TEXTS)
def test_the_same_text_tells_the_same(resolution):
    assert _mentions(resolution) == _mentions(resolution)


@pytest.mark.parametrize(
    "text",
    [
        "a " * 10_000,
        "`" * 20_000,
        '"' * 20_000,
        "then " * 4_000,
        "1) " * 6_000,
        "sudo " * 4_000,
        "$ " * 10_000,
        "```\n" * 5_000,
        "1. A " * 4_000,
        "df -h\\\n" * 2_500,
        "restart a and " * 1_400,
        "if a, " * 4_000,
        "cat <<A\n" * 2_500,
        "df -h 'a\n" * 2_000,
        "df |\n" * 4_000,
        "did not help, " * 1_400,
        "| a " * 5_000 + "|",
        ("Restarted" + " " * 1_000) * 90,
        ("Restarted" + " " * 30_000) * 3,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_long_texts_are_read_in_one_go(text):
    assert all(len(each.quote) <= LONGEST_QUOTE for each in _mentions(text))

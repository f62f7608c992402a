"""What is measured of commands and playbooks is what is there."""

from tests.evaluate_extraction import measure_commands, measure_playbooks


def test_commands_found_and_missed_are_counted():
    row = {
        "commands": ["kubectl get pods", "frobnicate"],
        "input_plain": "Look:\n\nkubectl get pods\ndf -h\n",
        "input_md": "Look:\n\n```\n$ kubectl get pods\n```\n",
    }
    figures = measure_commands([row])
    assert (figures["input_plain"]["precision"], figures["input_plain"]["recall"]) == (0.5, 0.5)
    assert (figures["input_md"]["precision"], figures["input_md"]["recall"]) == (1.0, 0.5)


def test_a_playbook_is_compared_with_the_templates_of_its_label():
    incidents = [
        {
            "label": "x",
            "incident_id": str(number),
            "title": "x",
            "resolution": f"```\n$ kubectl logs web-{number} -n prod\n```\n- `df -h`",
            "opened_at": "2026-01-01T00:00:00Z",
        }
        for number in range(3)
    ]
    gold = [{"label": "x", "commands": ["kubectl logs {pod} -n prod", "uptime"]}]
    for without_marks in (False, True):
        figures = measure_playbooks(incidents, gold, without_marks=without_marks)
        assert figures["types_with_playbook"] == 1
        assert figures["command_precision"] == 0.5
        assert figures["command_recall"] == 0.5
        assert figures["parameters_found"] == 1.0
        assert figures["steps_with_evidence"] == 1.0

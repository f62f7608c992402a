"""Voices: each caller counts once, and only for incidents like the one."""

from datetime import UTC, datetime

from chalicelib.core.experience import VOICES, VOICES_OF_ONE, Record, Voice, heard, with_voice

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def voice(caller: str, helped: float = 1, text: str = "disk full") -> Voice:
    return Voice(caller=caller, text=text, helped=helped, at=NOW)


def test_a_hundred_clicks_of_one_count_as_one_voice() -> None:
    voices: list[Voice] = []
    for number in range(100):
        voices = with_voice(voices, voice("spammer", 0, f"disk full {number}"))
    assert len(voices) == VOICES_OF_ONE
    for caller in ("ann", "bob"):
        voices = with_voice(voices, voice(caller))
    said = heard(voices, [1.0] * len(voices))
    assert (said.voices, said.helped, said.weight, said.successes) == (3, 2, 3, 2)
    assert Record.of(0.5).plus(said.successes, said.weight).rate > 0.5


def test_who_speaks_again_of_the_same_changes_their_mind() -> None:
    voices = with_voice(with_voice([], voice("ann", 0)), voice("ann", 1))
    assert [each.helped for each in voices] == [1]


def test_what_was_said_of_other_incidents_is_not_heard() -> None:
    said = heard([voice("ann"), voice("bob", 0, "printer jam")], [0.8, 0.2])
    assert (said.voices, said.weight, said.successes) == (1, 0.8, 0.8)


def test_one_click_does_not_decide() -> None:
    long_record = Record.of(0.8).plus(18, 20)
    one_click = Record.of(0.5).plus(1, 1)
    assert one_click.rate < long_record.rate


def test_voices_do_not_pile_up() -> None:
    voices: list[Voice] = []
    for number in range(2 * VOICES):
        voices = with_voice(voices, voice(f"agent-{number}"))
    assert len(voices) == VOICES
    assert voices[-1].caller == f"agent-{2 * VOICES - 1}"

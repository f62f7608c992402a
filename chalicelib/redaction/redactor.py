"""The removal of secrets and personal data from a text, and from any JSON value."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from chalicelib.redaction.findings import PLACEHOLDER, Finding, merged, placeholder
from chalicelib.redaction.keyed import keyed
from chalicelib.redaction.names import is_reference, is_word, kind_of, names_secret
from chalicelib.redaction.personal import personal
from chalicelib.redaction.pseudonyms import Pseudonyms
from chalicelib.redaction.shapes import shapes
from chalicelib.redaction.views import decoded, joined, unescaped

#: Looks for something in a text.
Finder = Callable[[str], Iterator[Finding]]

_MOST_PASSES = 5  # over one text, each over what the one before has left


class Redactor:
    """Takes secrets and personal data out of texts, and counts what it took.

    Args:
        key: makes the placeholders' fingerprints; without one they only name the kind.
        own: further finders, of a scope's own rules.
        pseudonyms: what gives hosts, users and addresses other names, where a scope wants that.

    Attributes:
        removed: how often each kind was taken out.
    """

    def __init__(
        self,
        key: bytes | None = None,
        own: Sequence[Finder] = (),
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        self._key = key
        self._own = own
        self._pseudonyms = pseudonyms
        self.removed: Counter[str] = Counter()

    def text(self, text: str) -> str:
        """The text with a placeholder for everything that we know for a secret or personal data.

        What only speaks of secrets, or refers to one (`password=$DB_PASSWORD`), stays as it is.
        Redacting twice changes nothing more. Time grows with the length of the text.
        """
        for _ in range(_MOST_PASSES):
            findings = self._found(text)
            if not findings:
                break
            text = self._without(text, findings)
        return text

    def value(self, value: Any) -> Any:
        """The JSON value with every text in it redacted; keys are kept.

        What a key that names a secret holds is removed whole, be it a text or an object.

        Raises:
            RecursionError: it is nested deeper than Python can follow.
        """
        redacted = self._redacted(value)
        return self._pseudonyms.value(redacted) if self._pseudonyms else redacted

    def _redacted(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._redacted(entry) for entry in value]
        if isinstance(value, dict):
            named = names_secret(value.get("name"))
            return {
                key: self._entry(
                    value["name"] if named and key in ("value", "default") else key, entry
                )
                for key, entry in value.items()
            }
        return value

    def _entry(self, name: str, value: Any) -> Any:
        if not names_secret(name) or value is None or isinstance(value, bool):
            return self._redacted(value)
        if not value or (isinstance(value, str) and (is_reference(value) or is_word(value))):
            return value
        kind = kind_of(name)
        self.removed[kind] += 1
        return placeholder(kind, str(value), self._key)

    def _without(self, text: str, findings: Sequence[Finding]) -> str:
        parts, at = [], 0
        for each in findings:
            parts += [text[at : each.start], placeholder(each.kind, each.value, self._key)]
            at = each.end
            self.removed[each.kind] += 1
        return "".join([*parts, text[at:]])

    def _found(self, text: str) -> list[Finding]:
        """What has to go, in order and without overlaps; placeholders are left alone."""
        spans = [match.span() for match in PLACEHOLDER.finditer(text)]
        secrets = merged(_clear_of(spans, self._secrets(text)))
        spans = sorted([*spans, *((each.start, each.end) for each in secrets)])
        return merged([*secrets, *_clear_of(spans, _everywhere(text, personal))])

    def _secrets(self, text: str) -> Iterator[Finding]:
        for find in self._own:
            yield from find(text)
        yield from _everywhere(text, shapes, keyed)
        view = joined(text)
        if view is not None:
            yield from (view.in_text(each) for each in shapes(view.text))


def _everywhere(text: str, *finders: Finder, depth: int = 2) -> Iterator[Finding]:
    """What the finders find in a text, and in what it hides behind escapes and base64."""
    for find in finders:
        yield from find(text)
    for view in (unescaped(text), decoded(text)) if depth else ():
        if view is not None:
            yield from map(view.in_text, _everywhere(view.text, *finders, depth=depth - 1))


def _clear_of(spans: Sequence[tuple[int, int]], findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that overlap none of the spans, which are in order and apart."""
    starts = [start for start, _ in spans]
    for each in findings:
        before = bisect_left(starts, each.end) - 1
        if before < 0 or spans[before][1] <= each.start:
            yield each

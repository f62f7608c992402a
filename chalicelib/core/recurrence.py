"""Single incidents of kinds that are known: too few for a group, yet one more occurrence."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from chalicelib.core.features import features
from chalicelib.core.incidents import Incident
from chalicelib.core.text import mask, terms

#: A single incident is of a known kind if so much of its title is at the kind's centre, and so
#: much of the centre is in its report. One that is missed costs a count, one too many the trust.
LEAST_RESEMBLANCE = 0.6


def resemblance(title: set[str], said: Iterable[str], centroid: Mapping[str, float]) -> float:
    """How far an incident is one of a kind, 0 to 1.

    It is the lesser of two shares: that of the title's terms which are at the kind's centre, and
    that of the centre's squared weight which the report's terms make up. So neither a long report
    that has a word of everything resembles every kind, nor a short title that says little.
    """
    if not title or not centroid:
        return 0.0
    named = len(title & centroid.keys()) / len(title)
    total = sum(weight * weight for weight in centroid.values())
    covered = sum(centroid[term] ** 2 for term in sorted(set(said) & centroid.keys()))
    return min(named, covered / total)


def recurring(
    kinds: Mapping[str, Mapping[str, float]], incidents: Sequence[Incident]
) -> dict[str, set[str]]:
    """Which of some single incidents are of which known kind, each of the one it resembles most.

    Args:
        kinds: the centroid of each kind, by its id.
        incidents: those that are in no group.
    """
    holders: dict[str, list[str]] = defaultdict(list)
    for kind in sorted(kinds):
        for term in kinds[kind]:
            holders[term].append(kind)
    found: dict[str, set[str]] = defaultdict(set)
    for incident in incidents if holders else ():
        title = set(terms(mask(incident.title)))
        shared = Counter(kind for term in title for kind in holders.get(term, ()))
        likely = [kind for kind in shared if shared[kind] >= LEAST_RESEMBLANCE * len(title)]
        if not likely:
            continue
        said = {term for part in features(incident) for term in part}
        score, kind = max((resemblance(title, said, kinds[each]), each) for each in likely)
        if score >= LEAST_RESEMBLANCE:
            found[kind].add(incident.incident_id)
    return dict(found)

"""Which groups of a linkage tree are kinds: those that stand out from what surrounds them.

A group of the tree is born where it is formed and ends where it is joined with another. How far
these lie apart, times its mass, is its excess of mass; the kinds are the groups, none within
another, whose excesses sum to the most. That is the "framework for optimal selection of clusters"
of Campello, Moulavi, Zimek and Sander (Data Mining and Knowledge Discovery 27, 2013), which also
is in HDBSCAN, over average linkage: where they measure density by 1 / distance, so do we.

A cut of the tree at one height would take one height for all kinds. But some are told in nearly
the same words each time and lie close to others; others are told freely and lie far from all.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

#: Added to distances, so that the density of what is told in the same words is finite: so much to
#: those of a large group, and more to those of a small one. How near two reports are is one number,
#: and among many pairs some are near by chance: such a pair must not leave the kind that it is of.
_CORE = 0.1

#: So many copies of a description, beyond the first, have the mass of one other description. A
#: machine's line that comes back ten times in the very same words is a kind; a report that somebody
#: copied once must not leave the kind that others told in words of their own. More copies add
#: nothing: how often something recurs must not decide what belongs to it.
_COPIES = 10


def masses(sizes: Any) -> Any:
    """The mass of descriptions that stand for so many incidents each."""
    return 1 + np.minimum(sizes - 1, _COPIES) / _COPIES


def excess(mass: Any, distinct: Any, born: Any, ends: Any) -> Any:
    """The excess of mass of groups between the distances at which they are born and end.

    Args:
        mass: the groups' masses.
        distinct: how many distinct descriptions each holds. Copies of one are surely near.
        born: the distances at which they are formed.
        ends: the distances at which they are joined with others.
    """
    core = _CORE * np.where(distinct > 1, distinct / np.maximum(distinct - 1, 1), 1)
    return (mass - 1) * (1 / (core + born) - 1 / (core + ends))


def selected(tree: Any, sizes: Any, least: float, ends: float) -> tuple[float, list[Any]]:
    """The groups that are kinds, as row numbers, and the sum of their excesses.

    Raising `least` only takes groups apart: it lessens the excess of those that end below it, and
    of no group within them.

    Args:
        tree: a linkage matrix of shape (n - 1, 4) over cosine distances, as SciPy makes it.
        sizes: how many incidents each of the n rows stands for.
        least: the least mean cosine of a group.
        ends: the distance at which all rows together are joined with others, at most 1 - least.
    """
    count = len(sizes)
    children = tree[:, :2].astype(int)
    born = np.concatenate([np.zeros(count), tree[:, 2]])
    mass = np.concatenate([masses(sizes), np.zeros(count - 1)])
    distinct = np.concatenate([np.ones(count), tree[:, 3]])
    end = np.full(2 * count - 1, ends)
    for node, (one, other) in enumerate(children, start=count):
        mass[node] = mass[one] + mass[other]
        end[[one, other]] = np.minimum(born[node], ends)
    gained = excess(mass, distinct, born, end)
    standing = (mass > 1) & (born <= 1 - least + 1e-9)
    best = np.where(standing[:count], np.maximum(gained[:count], 0), 0).tolist()
    is_kind = standing.copy()
    for node, (one, other) in enumerate(children, start=count):
        within = best[one] + best[other]
        is_kind[node] = standing[node] and gained[node] >= within
        best.append(float(gained[node]) if is_kind[node] else within)
    return best[-1], list(_outermost(children, is_kind, count))


def _outermost(children: Any, is_kind: Any, count: int) -> Iterator[Any]:
    """The rows below each kind that is within no other."""
    pending = [2 * count - 2]
    while pending:
        node = pending.pop()
        if is_kind[node]:
            yield np.array(sorted(_rows_below(children, node, count)))
        elif node >= count:
            pending += children[node - count].tolist()


def _rows_below(children: Any, node: int, count: int) -> Iterator[int]:
    pending = [node]
    while pending:
        node = pending.pop()
        if node < count:
            yield node
        else:
            pending += children[node - count].tolist()

"""A patch for moto: what never changes is worked out once.

With every request, moto 5.2.5 looks through a class for the names of its methods; with every event
that a rule sends on, it builds a parser of JSONPath for each of eight paths, which takes most of
the time of putting an event on the bus.
"""

import functools

import jsonpath_ng.ext
import moto.core.responses


def install() -> None:
    """Patch moto in this process; doing it again changes nothing."""
    for module, name in (
        (jsonpath_ng.ext, "parse"),
        (moto.core.responses, "method_names_from_class"),
    ):
        function = getattr(module, name)
        if not hasattr(function, "__wrapped__"):
            setattr(module, name, functools.cache(function))

"""Show what a playbook would do with given values. Nothing is executed, and nothing is kept."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.core import simulation
from chalicelib.core.fields import Value
from chalicelib.core.simulation import Simulation
from chalicelib.core.versions import VersionNumber
from chalicelib.services import publish
from chalicelib.services.access import Caller
from chalicelib.services.errors import validated

_Output = Annotated[str, Field(max_length=100_000)]


class SimulationRequest(Value):
    """What to simulate.

    Attributes:
        parameters: values by the names of the playbook's parameters.
        version: the version to simulate; the current one of the branch unless it is told.
        branch: `main` unless it is told.
        outputs: what steps said when somebody ran them, by their ids; their validations are
            judged by it.
    """

    parameters: Annotated[dict[str, Any], Field(max_length=200)] = {}
    version: VersionNumber | None = None
    branch: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    outputs: Annotated[dict[str, _Output], Field(max_length=200)] = {}


class PlaybookSimulation(Simulation):
    """A simulation with what was simulated."""

    playbook_id: str
    version: VersionNumber
    branch: str


def simulate(playbook_id: str, body: Any, caller: Caller) -> PlaybookSimulation:
    """What each step of a playbook would do with given values.

    Values that are missing or cannot be taken are told in the answer; they are no error.

    Raises:
        NotFound: there is no such playbook or version.
        Forbidden: its scope is not the caller's.
        InvalidInput: the body does not say what to simulate.
    """
    request = validated(SimulationRequest, body)
    _, found = publish.find_version(playbook_id, request.version, request.branch, caller)
    simulated = simulation.simulate(found.spec, request.parameters, request.outputs)
    return PlaybookSimulation(
        playbook_id=playbook_id, version=found.version, branch=found.branch, **dict(simulated)
    )

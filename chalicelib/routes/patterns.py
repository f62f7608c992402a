"""Analyses and the patterns that they find, over HTTP."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.core.analyses import AnalysisRequest, Run
from chalicelib.core.patterns import Pattern, PatternState
from chalicelib.routes.http import Call, endpoint
from chalicelib.routes.registry import SCOPE
from chalicelib.services import request_analysis, understand
from chalicelib.services.listing import Listing

patterns = Blueprint(__name__)

_STATE = {
    "state": Annotated[PatternState, Field(description="The patterns of one state; `active`.")]
}


@endpoint(patterns, "POST", "/v1/analyses", status=202, takes=AnalysisRequest)
def start_analysis(call: Call) -> Run:
    """Ask for an analysis of a scope."""
    return request_analysis.request(call.body, call.caller, call.now)


@endpoint(patterns, "GET", "/v1/analyses", asks=SCOPE)
def list_analyses(call: Call) -> Listing[Run]:
    """A scope's analyses, the latest first."""
    return request_analysis.list_runs(call.scope, call.wanted, call.caller)


@endpoint(patterns, "GET", "/v1/analyses/{run_id}")
def get_analysis(call: Call, run_id: str) -> Run:
    """How an analysis stands."""
    return request_analysis.find_run(run_id, call.caller)


@endpoint(patterns, "POST", "/v1/patterns/learn", status=202, takes=AnalysisRequest)
def learn(call: Call) -> Run:
    """Ask for an analysis of chosen incidents."""
    return request_analysis.request_learning(call.body, call.caller, call.now)


@endpoint(patterns, "GET", "/v1/patterns", asks={**SCOPE, **_STATE})
def list_patterns(call: Call) -> Listing[Pattern]:
    """A scope's patterns, the active ones unless another state is asked for."""
    state = call.query.get("state", PatternState.ACTIVE)
    return understand.list_patterns(call.scope, call.wanted, call.caller, state)


@endpoint(patterns, "GET", "/v1/patterns/statistics", asks=SCOPE)
def statistics(call: Call) -> understand.ScopeStatistics:
    """What a scope's patterns add up to."""
    return understand.statistics(call.scope, call.caller)


@endpoint(patterns, "GET", "/v1/patterns/{pattern_id}")
def get_pattern(call: Call, pattern_id: str) -> Pattern:
    """One pattern."""
    return understand.find_pattern(pattern_id, call.caller)


@endpoint(patterns, "GET", "/v1/patterns/{pattern_id}/incidents")
def list_members(call: Call, pattern_id: str) -> Listing[understand.Member]:
    """The incidents that belong to a pattern."""
    return understand.list_members(pattern_id, call.wanted, call.caller)


@endpoint(patterns, "GET", "/v1/patterns/{pattern_id}/history")
def list_history(call: Call, pattern_id: str) -> Listing[understand.PatternEvent]:
    """What became of a pattern from run to run, the latest first."""
    return understand.list_history(pattern_id, call.wanted, call.caller)

"""Who may call what: the one table of roles and routes. What is not in it, nobody may.

A page's row says who may see it after signing in; PUBLIC needs no one to be known.
"""

AGENT, REVIEWER, OPERATOR = "agent", "reviewer", "operator"

EVERYONE = frozenset({AGENT, REVIEWER, OPERATOR})
REVIEWERS = frozenset({REVIEWER})
OPERATORS = frozenset({OPERATOR})
PUBLIC: frozenset[str] = frozenset()

ACCESS: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/health"): PUBLIC,
    ("POST", "/v1/incidents"): EVERYONE,
    ("POST", "/v1/incidents/batch"): EVERYONE,
    ("GET", "/v1/incidents"): EVERYONE,
    ("GET", "/v1/incidents/{incident_id}"): EVERYONE,
    ("POST", "/v1/analyses"): EVERYONE,
    ("GET", "/v1/analyses"): EVERYONE,
    ("GET", "/v1/analyses/{run_id}"): EVERYONE,
    ("GET", "/v1/patterns"): EVERYONE,
    ("GET", "/v1/patterns/statistics"): EVERYONE,
    ("POST", "/v1/patterns/learn"): EVERYONE,
    ("GET", "/v1/patterns/{pattern_id}"): EVERYONE,
    ("GET", "/v1/patterns/{pattern_id}/history"): EVERYONE,
    ("GET", "/v1/patterns/{pattern_id}/incidents"): EVERYONE,
    ("GET", "/v1/suggestions"): EVERYONE,
    ("GET", "/v1/suggestions/{suggestion_id}"): EVERYONE,
    ("GET", "/v1/suggestions/{suggestion_id}/reviews"): EVERYONE,
    ("POST", "/v1/suggestions/{suggestion_id}/reviews"): REVIEWERS,
    ("POST", "/v1/suggestions/{suggestion_id}/feedback"): EVERYONE,
    ("GET", "/v1/playbooks"): EVERYONE,
    ("POST", "/v1/playbooks"): EVERYONE,
    ("POST", "/v1/playbooks/imports"): EVERYONE,
    ("GET", "/v1/playbooks/{playbook_id}"): EVERYONE,
    ("GET", "/v1/playbooks/{playbook_id}/versions"): EVERYONE,
    ("GET", "/v1/playbooks/{playbook_id}/metrics"): EVERYONE,
    ("POST", "/v1/playbooks/{playbook_id}/exports"): EVERYONE,
    ("POST", "/v1/playbooks/{playbook_id}/simulations"): EVERYONE,
    ("POST", "/v1/playbooks/{playbook_id}/executions"): EVERYONE,
    ("GET", "/v1/playbooks/{playbook_id}/executions"): EVERYONE,
    ("POST", "/v1/exports"): EVERYONE,
    ("POST", "/v1/recommendations"): EVERYONE,
    ("POST", "/v1/recommendations/{recommendation_id}/feedback"): EVERYONE,
    ("GET", "/v1/coverage-gaps"): EVERYONE,
    ("GET", "/v1/settings"): EVERYONE,
    ("GET", "/v1/audit"): frozenset({REVIEWER, OPERATOR}),
    ("GET", "/review"): PUBLIC,
    ("GET", "/review/style.css"): PUBLIC,
    ("POST", "/review/sign-in"): PUBLIC,
    ("POST", "/review/sign-out"): PUBLIC,
    ("GET", "/review/gaps"): REVIEWERS,
    ("GET", "/review/suggestions/{suggestion_id}"): REVIEWERS,
    ("POST", "/review/suggestions/{suggestion_id}"): REVIEWERS,
    ("GET", "/review/playbooks/{playbook_id}"): REVIEWERS,
    ("POST", "/review/playbooks/{playbook_id}"): REVIEWERS,
    ("POST", "/review/playbooks/{playbook_id}/exports"): REVIEWERS,
}


def roles_of(method: str, path: str) -> frozenset[str]:
    """The roles that may call a route.

    Raises:
        LookupError: the route is not in the table, so it must not be registered.
    """
    return ACCESS[method, path]

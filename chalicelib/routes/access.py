"""Who may call what: the one table of roles and routes. What is not in it, nobody may.

A page's row says who may see it after signing in; PUBLIC needs no one to be known.
"""

AGENT, REVIEWER, LEAD, OPERATOR, AUDITOR = "agent", "reviewer", "lead", "operator", "auditor"

#: Everybody may read, and all but auditors may tell, ask and propose. Reviewers decide; leads do
#: that too and set a scope's rules; operators give out tokens and look after the machinery.
EVERYONE = frozenset({AGENT, REVIEWER, LEAD, OPERATOR, AUDITOR})
CONTRIBUTORS = EVERYONE - {AUDITOR}
REVIEWERS = frozenset({REVIEWER, LEAD})
LEADS = frozenset({LEAD, OPERATOR})
OPERATORS = frozenset({OPERATOR})
AUDITORS = frozenset({REVIEWER, LEAD, OPERATOR, AUDITOR})
PUBLIC: frozenset[str] = frozenset()

ACCESS: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/health"): PUBLIC,
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/docs"): PUBLIC,
    ("POST", "/v1/incidents"): CONTRIBUTORS,
    ("POST", "/v1/incidents/batch"): CONTRIBUTORS,
    ("GET", "/v1/incidents"): EVERYONE,
    ("GET", "/v1/incidents/{incident_id}"): EVERYONE,
    ("POST", "/v1/analyses"): CONTRIBUTORS,
    ("POST", "/v1/webhooks/{source}"): CONTRIBUTORS,  # or who signs as the source
    ("GET", "/v1/analyses"): EVERYONE,
    ("GET", "/v1/analyses/{run_id}"): EVERYONE,
    ("GET", "/v1/patterns"): EVERYONE,
    ("GET", "/v1/patterns/statistics"): EVERYONE,
    ("POST", "/v1/patterns/learn"): CONTRIBUTORS,
    ("GET", "/v1/patterns/{pattern_id}"): EVERYONE,
    ("GET", "/v1/patterns/{pattern_id}/history"): EVERYONE,
    ("GET", "/v1/patterns/{pattern_id}/incidents"): EVERYONE,
    ("GET", "/v1/suggestions"): EVERYONE,
    ("GET", "/v1/suggestions/{suggestion_id}"): EVERYONE,
    ("PUT", "/v1/suggestions/{suggestion_id}"): REVIEWERS,
    ("GET", "/v1/suggestions/{suggestion_id}/changes"): EVERYONE,
    ("GET", "/v1/suggestions/{suggestion_id}/reviews"): EVERYONE,
    ("POST", "/v1/suggestions/{suggestion_id}/reviews"): REVIEWERS,
    ("POST", "/v1/suggestions/{suggestion_id}/feedback"): CONTRIBUTORS,
    ("POST", "/v1/suggestions/{suggestion_id}/backtests"): CONTRIBUTORS,
    ("GET", "/v1/suggestions/{suggestion_id}/backtest"): EVERYONE,
    ("POST", "/v1/suggestions/{suggestion_id}/comments"): CONTRIBUTORS,
    ("GET", "/v1/suggestions/{suggestion_id}/comments"): EVERYONE,
    ("PUT", "/v1/suggestions/{suggestion_id}/assignee"): REVIEWERS,
    ("GET", "/v1/suggestions/{suggestion_id}/feedback"): EVERYONE,
    ("GET", "/v1/playbooks"): EVERYONE,
    ("POST", "/v1/playbooks"): CONTRIBUTORS,
    ("POST", "/v1/playbooks/imports"): CONTRIBUTORS,
    ("GET", "/v1/playbooks/{playbook_id}"): EVERYONE,
    ("PUT", "/v1/playbooks/{playbook_id}"): CONTRIBUTORS,
    ("DELETE", "/v1/playbooks/{playbook_id}"): CONTRIBUTORS,
    ("GET", "/v1/playbooks/{playbook_id}/versions"): EVERYONE,
    ("GET", "/v1/playbooks/{playbook_id}/diff"): EVERYONE,
    ("POST", "/v1/playbooks/{playbook_id}/branches"): CONTRIBUTORS,
    ("GET", "/v1/playbooks/{playbook_id}/branches"): EVERYONE,
    ("DELETE", "/v1/playbooks/{playbook_id}/branches/{branch}"): CONTRIBUTORS,
    ("POST", "/v1/playbooks/{playbook_id}/merges"): CONTRIBUTORS,
    ("POST", "/v1/playbooks/{playbook_id}/rollbacks"): CONTRIBUTORS,
    ("GET", "/v1/playbooks/{playbook_id}/metrics"): EVERYONE,
    ("POST", "/v1/playbooks/{playbook_id}/exports"): CONTRIBUTORS,
    ("POST", "/v1/playbooks/{playbook_id}/simulations"): CONTRIBUTORS,
    ("POST", "/v1/playbooks/{playbook_id}/executions"): CONTRIBUTORS,
    ("GET", "/v1/playbooks/{playbook_id}/executions"): EVERYONE,
    ("POST", "/v1/exports"): CONTRIBUTORS,
    ("POST", "/v1/recommendations"): CONTRIBUTORS,
    ("POST", "/v1/recommendations/{recommendation_id}/feedback"): CONTRIBUTORS,
    ("POST", "/mcp"): EVERYONE,  # each tool is a route of this table, and has its roles
    ("GET", "/mcp"): PUBLIC,
    ("DELETE", "/mcp"): PUBLIC,
    ("GET", "/v1/agents"): EVERYONE,
    ("PUT", "/v1/agents/{agent_id}"): CONTRIBUTORS,
    ("GET", "/v1/agents/{agent_id}"): EVERYONE,
    ("DELETE", "/v1/agents/{agent_id}"): CONTRIBUTORS,
    ("GET", "/v1/agents/{agent_id}/notifications"): EVERYONE,
    ("GET", "/v1/scopes/{scope}/sharing"): EVERYONE,
    ("PUT", "/v1/scopes/{scope}/sharing"): LEADS,
    ("GET", "/v1/scopes/{scope}/redaction"): AUDITORS,
    ("PUT", "/v1/scopes/{scope}/redaction"): LEADS,
    ("GET", "/v1/coverage-gaps"): EVERYONE,
    ("GET", "/v1/settings"): EVERYONE,
    ("GET", "/v1/audit"): AUDITORS,
    ("GET", "/v1/tokens"): OPERATORS,
    ("POST", "/v1/tokens"): OPERATORS,
    ("POST", "/v1/tokens/{token_id}/rotations"): OPERATORS,
    ("DELETE", "/v1/tokens/{token_id}"): OPERATORS,
    ("POST", "/v1/erasures"): OPERATORS,
    ("GET", "/v1/erasures/{erasure_id}"): OPERATORS,
    ("GET", "/"): PUBLIC,
    ("GET", "/review"): PUBLIC,
    ("GET", "/review/style.css"): PUBLIC,
    ("POST", "/review/sign-in"): PUBLIC,
    ("POST", "/review/sign-out"): PUBLIC,
    ("GET", "/review/audit"): AUDITORS,
    ("GET", "/review/gaps"): REVIEWERS,
    ("GET", "/review/suggestions/{suggestion_id}"): REVIEWERS,
    ("POST", "/review/suggestions/{suggestion_id}"): REVIEWERS,
    ("POST", "/review/suggestions/{suggestion_id}/comments"): REVIEWERS,
    ("POST", "/review/suggestions/{suggestion_id}/assignee"): REVIEWERS,
    ("POST", "/review/suggestions/{suggestion_id}/feedback"): REVIEWERS,
    ("POST", "/review/suggestions/{suggestion_id}/backtests"): REVIEWERS,
    ("GET", "/review/playbooks"): REVIEWERS,
    ("GET", "/review/playbooks/{playbook_id}"): REVIEWERS,
    ("POST", "/review/playbooks/{playbook_id}"): REVIEWERS,
    ("POST", "/review/playbooks/{playbook_id}/exports"): REVIEWERS,
    ("GET", "/review/playbooks/{playbook_id}/versions"): REVIEWERS,
    ("GET", "/review/playbooks/{playbook_id}/diff"): REVIEWERS,
    ("GET", "/review/playbooks/{playbook_id}/edit"): REVIEWERS,
    ("POST", "/review/playbooks/{playbook_id}/edit"): REVIEWERS,
    ("POST", "/review/playbooks/{playbook_id}/rollbacks"): REVIEWERS,
    ("POST", "/review/playbooks/{playbook_id}/deprecations"): REVIEWERS,
    ("POST", "/review/playbooks/{playbook_id}/branches"): REVIEWERS,
    ("POST", "/review/playbooks/{playbook_id}/branches/deletions"): REVIEWERS,
    ("GET", "/review/playbooks/{playbook_id}/merges"): REVIEWERS,
    ("POST", "/review/playbooks/{playbook_id}/merges"): REVIEWERS,
    ("GET", "/review/suggestions/{suggestion_id}/compare/{playbook_id}"): REVIEWERS,
}


def roles_of(method: str, path: str) -> frozenset[str]:
    """The roles that may call a route.

    Raises:
        LookupError: the route is not in the table, so it must not be registered.
    """
    return ACCESS[method, path]

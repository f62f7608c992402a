"""Precedent's Chalice app: the blueprints of `chalicelib.routes`, put together.

Lambda finds each function here by its name: the API as `app`, the workers as they are imported.
"""

from chalice.app import Chalice, ConvertToMiddleware

from chalicelib.observability import AROUND_HANDLERS
from chalicelib.routes.agents import agents
from chalicelib.routes.audit_pages import audit_pages
from chalicelib.routes.dashboard import dashboard_page
from chalicelib.routes.discussion_pages import discussion_pages
from chalicelib.routes.docs_pages import docs_pages
from chalicelib.routes.erasures import erasures
from chalicelib.routes.gap_pages import gap_pages
from chalicelib.routes.http import remember_request
from chalicelib.routes.incidents import incidents
from chalicelib.routes.mcp import mcp
from chalicelib.routes.operations import operations
from chalicelib.routes.pages import pages
from chalicelib.routes.patterns import patterns
from chalicelib.routes.playbook_pages import playbook_pages
from chalicelib.routes.playbooks import playbooks
from chalicelib.routes.recommendations import recommendations
from chalicelib.routes.scopes import scopes
from chalicelib.routes.suggestion_pages import suggestion_pages
from chalicelib.routes.suggestions import suggestions
from chalicelib.routes.tokens import tokens
from chalicelib.routes.version_pages import version_pages
from chalicelib.routes.versions import versions
from chalicelib.routes.webhooks import webhooks
from chalicelib.routes.workers import (
    deliver_events,
    fill_inboxes,
    run_analysis,
    schedule_analyses,
    sweep_expired,
    sweep_outbox,
    take_aws_event,
    workers,
)

__all__ = [
    "app",
    "deliver_events",
    "fill_inboxes",
    "run_analysis",
    "schedule_analyses",
    "sweep_expired",
    "sweep_outbox",
    "take_aws_event",
]

app = Chalice(app_name="precedent")
for decorator in AROUND_HANDLERS:
    app.register_middleware(ConvertToMiddleware(decorator))
app.register_middleware(remember_request, "http")
for blueprint in (
    incidents,
    webhooks,
    patterns,
    suggestions,
    playbooks,
    versions,
    recommendations,
    agents,
    operations,
    tokens,
    erasures,
    docs_pages,
    mcp,
    scopes,
    pages,
    dashboard_page,
    suggestion_pages,
    discussion_pages,
    playbook_pages,
    audit_pages,
    version_pages,
    gap_pages,
    workers,
):
    app.register_blueprint(blueprint)

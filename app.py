"""Precedent's Chalice app: the blueprints of `chalicelib.routes`, put together."""

from chalice.app import Chalice, ConvertToMiddleware

from chalicelib.observability import AROUND_HANDLERS
from chalicelib.routes.gap_pages import gap_pages
from chalicelib.routes.http import remember_request
from chalicelib.routes.incidents import incidents
from chalicelib.routes.operations import operations
from chalicelib.routes.pages import pages
from chalicelib.routes.patterns import patterns
from chalicelib.routes.playbook_pages import playbook_pages
from chalicelib.routes.playbooks import playbooks
from chalicelib.routes.recommendations import recommendations
from chalicelib.routes.suggestion_pages import suggestion_pages
from chalicelib.routes.suggestions import suggestions
from chalicelib.routes.workers import workers

app = Chalice(app_name="precedent")
for decorator in AROUND_HANDLERS:
    app.register_middleware(ConvertToMiddleware(decorator))
app.register_middleware(remember_request, "http")
for blueprint in (
    incidents,
    patterns,
    suggestions,
    playbooks,
    recommendations,
    operations,
    pages,
    suggestion_pages,
    playbook_pages,
    gap_pages,
    workers,
):
    app.register_blueprint(blueprint)

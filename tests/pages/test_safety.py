"""The pages against those who mean ill: forged forms, stolen pages, markup in incidents."""

import http.cookiejar
import re
import time
import urllib.parse
import urllib.request

import pytest
from itsdangerous import TimestampSigner

from local.stack import Stack
from tests.api import Answer, Api

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_every_page_forbids_scripts_and_frames(stack: Stack) -> None:
    answer = Api(stack.url, None).get("/review")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_cookie_is_for_us_alone_and_no_script_reads_it(stack: Stack) -> None:
    cookie = Api(stack.url, None).get("/review").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_the_cookie_is_sent_over_https_alone_in_an_account(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.routes import sessions

    deployed = sessions.deployment().model_copy(update={"stage": "prod"})
    monkeypatch.setattr(sessions, "deployment", lambda: deployed)
    assert "; Secure;" in sessions.set_cookie(sessions.new_session(None), "/")


def test_a_form_from_elsewhere_is_refused(stack: Stack, suggestion_id: str, agent: Api) -> None:
    cookie, _ = _signed_in(stack)
    path = f"/review/suggestions/{suggestion_id}"
    form = {"action": "approve", "revision": "1", "csrf": "forged"}
    assert _send(stack, path, form, cookie).status == 403
    assert agent.get(f"/v1{path.removeprefix('/review')}").body["status"] == "pending"


def test_nobody_decides_without_signing_in(stack: Stack, suggestion_id: str, agent: Api) -> None:
    form = {"action": "approve", "revision": "1"}
    page = _send(stack, f"/review/suggestions/{suggestion_id}", form, "")
    assert "Sign in" in page.body
    assert agent.get(f"/v1/suggestions/{suggestion_id}").body["status"] == "pending"


def test_an_altered_cookie_is_nobody(stack: Stack, suggestion_id: str) -> None:
    cookie, _ = _signed_in(stack)
    page = Api(stack.url, None).call(
        "GET", f"/review/suggestions/{suggestion_id}", headers={"Cookie": cookie[:-3] + "AAA"}
    )
    assert "<h1>Sign in</h1>" in page.body


def test_signing_in_leads_to_no_foreign_page(stack: Stack) -> None:
    _, page = _signed_in(stack, following="https://elsewhere.example/review")
    assert "<h1>Review queue</h1>" in page.body


def test_markup_in_an_incident_stays_text(stack: Stack, suggestion_id: str) -> None:
    cookie, _ = _signed_in(stack)
    page = Api(stack.url, None).call(
        "GET", f"/review/suggestions/{suggestion_id}", headers={"Cookie": cookie}
    )
    assert "&lt;orders&gt;" in page.body
    assert "<orders>" not in page.body


def test_a_form_without_a_revision_names_it(stack: Stack, suggestion_id: str) -> None:
    cookie, _ = _signed_in(stack)
    path = f"/review/suggestions/{suggestion_id}"
    opened = Api(stack.url, None).call("GET", path, headers={"Cookie": cookie})
    answer = _send(stack, path, {"action": "approve", "csrf": _csrf(opened)}, cookie)
    assert answer.status == 400
    assert "<strong>revision</strong>" in answer.body


def _csrf(page: Answer) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.body)
    assert found
    return found[1]


def _send(stack: Stack, path: str, form: dict[str, str], cookie: str) -> Answer:
    body = urllib.parse.urlencode(form).encode()
    return Api(stack.url, None).call("POST", path, body, {**_FORM, "Cookie": cookie})


def _signed_in(stack: Stack, following: str = "") -> tuple[str, Answer]:
    """The cookie of a reviewer who has signed in, and the page that this led to."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with opener.open(f"{stack.url}/review", timeout=30) as response:
        opened = Answer(response.status, response.read().decode())
    form = {
        "csrf": _csrf(opened),
        "username": "reviewer",
        "password": "local-reviewer",
        "next": following,
    }
    request = urllib.request.Request(
        f"{stack.url}/review/sign-in", urllib.parse.urlencode(form).encode(), _FORM
    )
    with opener.open(request, timeout=30) as response:
        page = Answer(response.status, response.read().decode())
    [cookie] = jar
    return f"{cookie.name}={cookie.value}", page


def test_an_ended_session_is_told_and_leads_back(
    stack: Stack, suggestion_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.routes import sessions

    cookie, _ = _signed_in(stack)
    monkeypatch.setattr(sessions, "SECONDS", -1)
    path = f"/review/suggestions/{suggestion_id}"
    page = Api(stack.url, None).call("GET", path, headers={"Cookie": cookie})
    assert "Your session has ended. Sign in again" in page.body
    assert f'name="next" value="{path}"' in page.body
    sent = _send(stack, f"{path}", {"action": "approve"}, cookie)
    assert "what you sent was not kept" in sent.body


def test_a_clock_that_steps_back_ends_no_session(
    stack: Stack, suggestion_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = int(time.time()) + 30
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda _: ahead)
        cookie, _ = _signed_in(stack)
    path = f"/review/suggestions/{suggestion_id}"
    page = Api(stack.url, None).call("GET", path, headers={"Cookie": cookie})
    assert "Sign out" in page.body


def test_a_page_says_nothing_that_a_link_made_up(stack: Stack) -> None:
    page = Api(stack.url, None).get("/review", told="Call 555 and tell your password")
    assert "555" not in page.body


@pytest.mark.parametrize(
    ("path", "status", "next_step"),
    [
        ("/review/suggestions/none", 404, "Look for it in the queue"),
        ("/review?scope=';reboot;'", 400, "correct what is named"),
    ],
)
def test_an_error_is_a_page_with_a_next_step(
    stack: Stack, path: str, status: int, next_step: str
) -> None:
    cookie, _ = _signed_in(stack)
    page = Api(stack.url, None).call("GET", path, headers={"Cookie": cookie})
    assert page.status == status
    assert next_step in page.body
    assert "To the review queue" in page.body
    assert "reboot" not in page.body


def test_where_nothing_is_reported_the_page_tells_how(stack: Stack, scope: str, agent: Api) -> None:
    cookie, _ = _signed_in(stack)
    empty = Api(stack.url, None).call("GET", f"/review?scope={scope}", headers={"Cookie": cookie})
    assert f"curl '{stack.url}/v1/incidents'" in empty.body
    assert f'"scope": "{scope}"' in empty.body
    agent.report([{"title": "One", "incident_id": "1"}], scope)
    told = Api(stack.url, None).call("GET", f"/review?scope={scope}", headers={"Cookie": cookie})
    assert "not analysed yet" in told.body
    assert f"{stack.url}/v1/analyses" in told.body

"""Who is looking at the pages: a signed cookie, and a token against forged forms.

Everybody has a session, so that the sign-in form too carries a token; signing in makes a new one.
The cookie is not readable by scripts, is sent to us alone, and ends after eight hours.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from chalice.app import Request
from itsdangerous import BadData, Signer, URLSafeTimedSerializer
from pydantic import ValidationError

from chalicelib.services.access import Caller, signing_key
from chalicelib.services.errors import Forbidden
from chalicelib.settings import deployment

COOKIE = "precedent_session"
SECONDS = 8 * 3600


@dataclass(frozen=True)
class Session:
    """A visit to the pages.

    Attributes:
        value: what the cookie holds.
        caller: the reviewer who is signed in, None before that.
        fresh: whether the browser does not have the cookie yet.
        ended: whether it takes the place of one that has ended.
    """

    value: str
    caller: Caller | None
    fresh: bool
    ended: bool = False

    @property
    def csrf(self) -> str:
        """The token that every form of this session carries."""
        return _csrf_signer().get_signature(self.value).decode()

    def check(self, csrf: str) -> None:
        """Let only forms through that a page of this session has sent.

        Raises:
            Forbidden: the form is from elsewhere, or from a session that has ended.
        """
        if self.fresh or not _csrf_signer().verify_signature(self.value, csrf.encode()):
            raise Forbidden("This form is out of date. Open the page again, then send it.")


def session_of(request: Request) -> Session:
    """The session of a request; a new one where it brings no good cookie."""
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(request.headers.get("cookie", ""))
        value = cookies[COOKIE].value
        content, began = _serializer().loads(value, return_timestamp=True)
        caller = Caller.model_validate(content["caller"]) if content["caller"] else None
    except (CookieError, KeyError, TypeError, BadData, ValidationError):
        return new_session(None)
    # Not by `max_age`, which also ends what a clock that was ahead of this one has begun.
    if datetime.now(UTC) - began > timedelta(seconds=SECONDS):
        return replace(new_session(None), ended=True)
    return Session(value, caller, fresh=False)


def new_session(caller: Caller | None) -> Session:
    """A session that nobody has had before, for a reviewer who has just signed in or for nobody."""
    content = {
        "visit": secrets.token_urlsafe(16),
        "caller": caller.model_dump(exclude={"origin"}) if caller else None,
    }
    return Session(str(_serializer().dumps(content)), caller, fresh=True)


def set_cookie(session: Session, path: str) -> str:
    """The header that gives the browser the session's cookie, for pages below a path."""
    # The embedded AWS of a development machine speaks plain HTTP.
    secure = "" if deployment().local else " Secure;"
    return (
        f"{COOKIE}={session.value}; Path={path}; Max-Age={SECONDS}; HttpOnly;{secure}"
        " SameSite=Strict"
    )


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing_key(), salt="session")


def _csrf_signer() -> Signer:
    return Signer(signing_key(), salt="csrf")

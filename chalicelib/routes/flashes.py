"""What a page says first of what has just happened.

The address of a page holds only a name from here, so that nobody makes our pages say theirs.
"""

FLASHES = {
    "signed-in": "You are signed in.",
    "signed-out": "You are signed out.",
    "session-ended": "Your session has ended. Sign in again to go on where you were.",
    "session-ended-unsent": (
        "Your session has ended, so what you sent was not kept. Sign in again, then send it anew."
    ),
    "exported": "The playbook is exported; its file is listed under Exports.",
}


def flash(name: str) -> str:
    """The sentence of that name; nothing where there is none."""
    return FLASHES.get(name, "")

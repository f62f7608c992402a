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
    "edited": "A new version is there.",
    "rolled-back": "A new version with the old content is there.",
    "unchanged": "Nothing was to be changed, so there is no new version.",
    "deprecated": "It is deprecated: nobody is recommended it any more.",
    "branched": "The branch is there.",
    "branch-deleted": "The branch is deleted. Of its versions those are kept that are needed.",
    "merged": "Merged.",
    # What was done to a suggestion has the name of the button that does it.
    "save": "Your changes are saved. Nothing is decided yet.",
    "merge": "Both versions are brought together and saved. Nothing is decided yet.",
    "undo": "The decision is undone.",
    "comment": "Your comment is kept.",
    "assign": "It is kept who is to decide.",
    "rate": "Your rating is kept.",
    "backtest": "The back-test is asked for. Open this page again in a moment.",
}


def flash(name: str) -> str:
    """The sentence of that name; nothing where there is none."""
    return FLASHES.get(name, "")

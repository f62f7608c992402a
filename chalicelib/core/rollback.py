"""How to take back what a step does, by rules in one table."""

import re
from collections.abc import Callable

from chalicelib.core.caution import risk_of_step
from chalicelib.core.playbooks import Risk, Step
from chalicelib.core.risk import risk_of

#: Repeats are bounded, so that a long command takes linear time.
_KUBECTL = r"\b(?:kubectl|oc)\b(?:\s{1,9}-\S{1,100}(?:\s{1,9}[^\s-]\S{0,100})?){0,9}\s{1,9}"
_OPPOSITE = {
    "start": "stop",
    "stop": "start",
    "enable": "disable",
    "disable": "enable",
    "mask": "unmask",
    "unmask": "mask",
    "cordon": "uncordon",
    "uncordon": "cordon",
    "pause": "resume",
    "resume": "pause",
}
_Hint = str | Callable[[re.Match[str]], str]


def _opposite(match: re.Match[str]) -> str:
    verb_at = match.start("verb") - match.start()
    before, verb, after = match[0][:verb_at], match["verb"].lower(), match[0][verb_at:]
    return f"Undo with `{before}{_OPPOSITE[verb]}{after[len(verb) :].rstrip()}`."


#: The shape of a command without those that it is joined with, the most particular first, and how
#: it is undone.
_RULES: list[tuple[str, _Hint]] = [
    (
        r"\bhelm\s+rollback\b",
        "Note the revision in use first (`helm history`); `helm rollback` to it undoes this.",
    ),
    (
        r"\bhelm\s+(?:upgrade|install)\b",
        "Undo with `helm rollback` to the revision before; `helm history` lists them.",
    ),
    (
        _KUBECTL + r"rollout\s+undo\b",
        "Note the revision in use first (`kubectl rollout history`); "
        "`kubectl rollout undo --to-revision` goes back to it.",
    ),
    (
        _KUBECTL + r"rollout\s+(?P<verb>pause|resume)\b[^;|&\n]{0,200}",
        _opposite,
    ),
    (
        _KUBECTL + r"rollout\s+restart\b",
        "The new pods run the same version. If they are worse, `kubectl rollout undo` goes "
        "back to the revision before.",
    ),
    (
        _KUBECTL + r"scale\b",
        "Note the number of replicas first (`kubectl get`), then scale back to it.",
    ),
    (
        _KUBECTL + r"set\s+(?:image|env|resources)\b",
        "Undo with `kubectl rollout undo` of the same workload.",
    ),
    (
        _KUBECTL + r"(?P<verb>cordon|uncordon)\b[^;|&\n]{0,200}",
        _opposite,
    ),
    (
        _KUBECTL + r"drain\b",
        "`kubectl uncordon` lets pods onto the node again; those moved away stay where they are.",
    ),
    (
        _KUBECTL + r"delete\s+(?:pods?|po)\b",
        "Its controller makes a pod anew; a pod without a controller is gone, so save it "
        "first with `kubectl get -o yaml`.",
    ),
    (
        _KUBECTL + r"delete\b",
        "Save it first with `kubectl get -o yaml`; `kubectl apply` of that file makes it "
        "anew, without the data that it held.",
    ),
    (
        _KUBECTL + r"(?:apply|edit|patch|replace|label|annotate|taint|create)\b",
        "Keep a copy first with `kubectl get -o yaml`, and apply it to go back.",
    ),
    (
        r"\b(?:sudo\s+)?systemctl\s{1,9}(?:--\S{1,100}\s{1,9}){0,9}(?P<verb>start|stop|enable|disable|mask|unmask)"
        r"\b[^;|&\n]{0,200}",
        _opposite,
    ),
    (
        r"\b(?:sudo\s+)?service\s+\S+\s+(?P<verb>start|stop)\b",
        _opposite,
    ),
    (
        r"\b(?:docker|podman)(?:\s+compose|-compose)?\s+(?P<verb>start|stop)\b[^;|&\n]{0,200}",
        _opposite,
    ),
    (
        r"\b(?:systemctl|service|supervisorctl|docker|podman|docker-compose|pm2|rc-service)\b"
        r"[^;|&\n]{0,200}\b(?:reload|daemon-reload)\b",
        "Nothing is lost; put the configuration of before back and reload again to undo it.",
    ),
    (
        r"\b(?:systemctl|service|supervisorctl|docker|podman|docker-compose|pm2|rc-service)\b"
        r"[^;|&\n]{0,200}\b(?:try-)?restart\b",
        "A restart cannot be taken back; connections and what was in memory are lost. Keep "
        "logs and dumps first if somebody needs them.",
    ),
    (
        r"\b(?:docker|podman)\b[^;|&\n]{0,200}\b(?:prune|rmi?)\b",
        "Images can be pulled or built again; containers and volumes are gone, so list and save "
        "them first.",
    ),
    (
        r"cache\S{0,40}[/\s]clear\b|\bclear[-_ ]?cache\b|\bdrop_caches\b",
        "A cache fills again by itself; expect slow answers until then.",
    ),
    (
        r"\blogrotate\b",
        "The rotated logs stay beside the new ones, as many as the configuration keeps.",
    ),
    (
        r"\bcertbot\s+(?:renew|certonly)\b",
        "The certificates of before stay in `/etc/letsencrypt/archive`.",
    ),
    (
        r"\breboot\b|\bshutdown\b|\binit\s+6\b",
        "A reboot cannot be taken back; check first that the host comes up by itself.",
    ),
    (
        r"\bkill(?:all)?\b|\bpkill\b",
        "A process that was ended has to be started anew; what it had not written is lost.",
    ),
    (
        r"\bgit\s+revert\b",
        "Undo by reverting the new commit with `git revert`.",
    ),
    (
        r"\bgit\s+(?:reset|checkout|switch|rebase|merge|pull)\b",
        "Note `git rev-parse HEAD` first; `git reset --hard` to it goes back, without changes "
        "that were not committed.",
    ),
    (
        r"\bterraform\s+apply\b",
        "Apply the configuration of the commit before; what was replaced is made anew, empty.",
    ),
    (
        r"\b(?:apt|apt-get|yum|dnf|zypper|pip3?|npm|snap)\s{1,9}(?:-\S{1,100}\s{1,9}){0,9}"
        r"(?:install|upgrade|update|remove|downgrade)\b",
        "Note the versions that are installed first, and install those to go back.",
    ),
    (
        r"\bsysctl\s+-w\b|\bsysctl\s+[\w.]+=",
        "Note the value in force first (`sysctl` and the name), and set it again to go back.",
    ),
    (
        r"\b(?:alter\s+system|set\s+global|config\s+set)\b",
        "Note the value in force first, and set it again to go back.",
    ),
    (
        r"\b(?:iptables|nft|ufw|firewall-cmd)\b",
        "Save the rules in force first (`iptables-save`, `nft list ruleset`), and restore them "
        "to go back.",
    ),
    (
        r"\b(?:chmod|chown|chgrp|setfacl)\b",
        "Note owner and mode first (`stat`), and set them again to go back.",
    ),
    (
        r"\bumount\b",
        "Mount it again (`mount`); `findmnt` first tells how it is mounted.",
    ),
    (
        r"\bmount\s",
        "Undo with `umount` of the same mount point.",
    ),
    (
        r"\b(?:lvextend|resize2fs|xfs_growfs|growpart|pvresize)\b",
        "A volume that was made larger is not easily made smaller again: take a snapshot first.",
    ),
    (
        r"\bcrontab\b",
        "Keep a copy first (`crontab -l`), and load it to go back.",
    ),
    (
        r"\bsed\s{1,9}(?:-\S{1,100}\s{1,9}){0,9}-i|\btee\b|>\s*/(?!dev/null)|\b(?:vi|vim|nano|ed)\s+\S",
        "Keep a copy of the file first, and put it back to undo this.",
    ),
    (
        r"\bmv\s",
        "Move it back to where it was; what was overwritten is gone, so keep a copy first.",
    ),
    (
        r"\b(?:drop|truncate)\s+(?:table|database|schema|index)\b|\bdelete\s+from\b"
        r"|\bupdate\s+\S+\s+set\b",
        "Nothing brings the rows back but a backup: take one first.",
    ),
    (
        r"\b(?:rm|unlink|shred|rmdir)\s|\s-delete\b|\btruncate\b",
        "Nothing brings it back: take a backup first, and list what would go before it goes.",
    ),
]
_COMPILED = [(re.compile(rule, re.IGNORECASE), hint) for rule, hint in _RULES]
_JOINED = re.compile(r"&&|\|\||[;|\n]")

_BACKUP = "No rule knows how to undo this, and it destroys something: take a backup first."
_NOTE = "No rule knows how to undo this: write down how things are before."


def rollback_hint(step: Step, command: str | None) -> str | None:
    """What to note or keep before a step, and what undoes it; of joined commands, for each.

    None where there is nothing to undo: the step only looks, waits, or tells a person something.

    Args:
        step: the step.
        command: what it would run, None where it is no command.
    """
    hints = [_hint_of(part) for part in _JOINED.split(command or "") if part.strip()]
    told = list(dict.fromkeys(filter(None, hints)))
    if told:
        return " ".join(told)
    risk = risk_of_step(step)
    if risk is Risk.DESTROYS:
        return _BACKUP
    return None if risk is Risk.READ_ONLY or step.action in ("noop", "wait") else _NOTE


def _hint_of(command: str) -> str | None:
    """What undoes a single command; None where there is nothing to undo."""
    risk = risk_of("shell", command)
    if risk is Risk.READ_ONLY:
        return None
    for rule, hint in _COMPILED:
        match = rule.search(command)
        if match:
            return hint if isinstance(hint, str) else hint(match)
    return _BACKUP if risk is Risk.DESTROYS else _NOTE

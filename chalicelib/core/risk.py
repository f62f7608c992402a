"""What a step does to the systems that it touches: reads, changes, destroys, or nobody knows."""

import re
from functools import lru_cache

from chalicelib.core.commands import is_sql, program_of
from chalicelib.core.playbooks import Risk
from chalicelib.core.verbs import KIN_OF, verb_of
from chalicelib.core.vocabulary import ORDINARY, PROGRAMS

#: Data or machines are gone afterwards, or a process dies without a chance to save.
_DESTROYS = re.compile(
    r"""\brm\s+(?:-\S+\s+){0,9}\S | \bmkfs | \bwipefs\b | \bdd\s+.{0,500}\bof=
    | \bshred\b | \btruncate\b
    | \bdrop\s+(?:table|database|index|schema|keyspace)\b | \bdelete\s+from\b
    | \bflush(?:all|db)\b | \bpurge(?![a-z]) | \bkill\s+-(?:9|KILL|SIGKILL)\b
    | \bkillall\b | \bpkill\b
    | \b(?:kubectl|oc)\b.{0,200}\bdelete\b.{0,100}
        \b(?:pvc?|persistentvolume\S*|ns|namespaces?|crds?|nodes?|all)\b
    | \bterraform\s+destroy\b | \bterminate-instances\b | \bdelete[-_]\w+ | \bs3\s+r[mb]\b
    | \b(?:docker|podman)\s+(?:\w+\s+)?prune\b | \bgit\s+push\b.{0,500}(?:--force|-f\b)
    | \bgit\s+reset\s+--hard\b | \bhelm\s+(?:uninstall|delete)\b | -X\s*DELETE\b | \blvremove\b
    | \bpg_terminate_backend\b
    | --vacuum-(?:size|time|files)\b
    | \bfind\b.{0,500}\s-delete\b | \bunlink\b | \bdeletetopic\b | --delete\b""",
    re.IGNORECASE | re.VERBOSE,
)

#: Programs that only look, whatever they are asked.
_LOOKING = frozenset(
    """awk cat column curl cut date df dig dmesg du echo egrep find free fuser getent grep head host
    htop id iostat iotop jps jq jstack journalctl jstat last less ls lsblk lscpu lsof mtr netstat
    nmap nproc nslookup nvidia-smi pg_isready pidstat ping ps sar smartctl sort ss stat tail top
    tcpdump tr traceroute uniq uptime vgs lvs pvs vmstat wc which who zcat""".split()
)
#: What programs that can do more are asked when they only look.
_LOOKS = re.compile(
    r"""\b(?:kubectl|oc)\b(?:\s+-\S+(?:\s+["']?[\w.${}/-]+["']?)?){0,9}\s+(?:get|describe|logs|top|events|version
        |explain|cluster-info|adm\s+top|rollout\s+(?:status|history)|auth\s+can-i|api-resources)\b
    | \bsystemctl\s+(?:status|show|is-\w+|list-\S+|cat)\b | \bservice\s+\S+\s+status\b
    | \b(?:docker|podman)\s+(?:\w+\s+)?(?:ps|logs|inspect|stats|ls|images|events|top|info|df)\b
    | \b(?:nginx|haproxy|apachectl|sshd)\s+-(?:t|T|c|v)\b
    | \bgit\s+(?:log|status|diff|show|fetch|bisect)\b | \bhelm\s+(?:list|ls|status|history|get)\b
    | \bterraform\s+(?:plan|show|output|validate)\b
    | \bopenssl\s+(?:s_client|x509|verify)\b
    | \baws\s+\S+\s+(?:describe|list|get)-\S+ | \bgcloud\b.{0,500}\b(?:list|describe)\b
    | \baz\b.{0,500}\b(?:list|show)\b
    | \bredis-cli\b.{0,500}
        (?:\b(?:info|ping|get|dbsize|ttl|memory|slowlog|config\s+get)\b|--\w+keys\b)
    | \brabbitmqctl\s+(?:list|status|cluster_status)\S* | \bkafka-\S+\b.{0,500}--(?:describe|list)\b
    | \bceph\s+(?:status|-s|health|df|versions|\w+\s+(?:ls|stat|dump|tree|df|perf))\b
    | \brbd\s+(?:ls|info|du|children|snap\s+ls)\b | \brados\s+(?:df|ls)\b | \bsed\s+-n\b
    | \betcdctl\b.{0,500}\b(?:get|endpoint|member\s+list)\b
    | ^\s*(?:select|show|explain|describe)\b
    | \b(?:psql|mysql)\b.{0,500}["']\s*(?:select|show|explain)\b
    | \s(?:--)?version\s*$ | \bcertbot\s+certificates\b | \btimedatectl\s*(?:status)?$
    | \bip\s+(?:addr|a|route|r|link|l)\b(?!.{0,500}\b(?:add|del|set)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_WRITES = re.compile(
    r"-X\s*(?:POST|PUT|PATCH)|\bcurl\b.{0,500}\s(?:-d|--data\S*|-T|--upload-file)\s"
    r"|>\s*/(?!dev/null)|\btee\b"
)
#: What is run elsewhere is judged as if it were run here; what is kept in a variable too.
_ELSEWHERE = re.compile(
    r"\b(?:kubectl|oc)\b[^|;&\n]{0,150}?\b(?:exec|rsh)\b[^|;&\n]{0,100}?\s--\s"
    r"|\b(?:docker|podman)\s+exec\s+(?:-\S+\s+){0,9}\S+\s+|(?:\bexport\s+)?\b\w+=\"?\$\("
)

_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r" ?\n[ \n]*")
_HERE_DOCUMENT = re.compile(
    r"<<-?[ \t]{0,9}[\"']?(\w{1,100})\b[\"']?([^\n]{0,500})\n.{0,5000}?\n[ \t]*\1\s*$", re.DOTALL
)
#: Nothing in quotes separates commands.
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_NO_SEPARATORS = dict.fromkeys(map(ord, "|;&"), " ")
#: What loops and branches put around commands.
_AROUND = re.compile(
    r"\bfor\s+\w+\s+in\s[^;\n]*|\b(?:if|while|until)\s+\[[^;\n]*|\bwhile\s+(?:read\b[^;\n]*|true\b)"
    r"|(?:^|(?<=[;\n]))[^\S\n]*(?:do|done|then|else|fi)\b"
)

_LOOKING_KIN = {"check"}
_DESTROYING_WORDS = re.compile(
    r"\b(?:delete|remove|wipe|drop|purge|truncate|terminate|destroy|format)\b", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def risk_of(action: str, text: str) -> Risk:
    """The risk of a step.

    A command of a known program that is not known to look only is taken to change something, one
    of another program may do anything. In a pipeline the riskiest part counts.

    Args:
        action: the step's action, `shell` for a command.
        text: the command, or the message to a person.
    """
    if action == "shell":
        # A rule that begins with white space would go through a long run of it from each place.
        text = _EMPTY_LINES.sub("\n", _BLANKS.sub(" ", text))
        if _DESTROYS.search(text):
            return Risk.DESTROYS
        here = _ELSEWHERE.sub(" ", _AROUND.sub(" ", _HERE_DOCUMENT.sub(r"\2", text)))
        here = _QUOTED.sub(lambda quoted: quoted.group().translate(_NO_SEPARATORS), here)
        parts = [part for part in re.split(r"\|\||&&|[|;\n]", here) if not _only_looks(part)]
        if not parts:
            return Risk.READ_ONLY
        return Risk.CHANGES if all(map(_is_known, parts)) else Risk.UNKNOWN
    if _DESTROYING_WORDS.match(text):
        return Risk.DESTROYS
    looking = KIN_OF.get(verb_of(text), "") in _LOOKING_KIN
    return Risk.READ_ONLY if action == "wait" or looking else Risk.CHANGES


def _is_known(command: str) -> bool:
    program = program_of(command)
    return program in PROGRAMS or program in ORDINARY or program == "service" or is_sql(command)


def _only_looks(command: str) -> bool:
    if not command.strip():
        return True
    if _WRITES.search(command):
        return False
    return program_of(command) in _LOOKING or bool(_LOOKS.search(command))

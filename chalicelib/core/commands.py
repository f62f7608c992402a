"""Finding commands in what people write: in code, after a prompt, and in running prose."""

import re
from collections.abc import Iterator

#: Programs whose name is no ordinary word: it is enough that something that looks like an argument
#: follows. The list is of those that operators write in their notes.
PROGRAMS = frozenset(
    """alembic ansible ansible-playbook apt apt-get argocd aws az bash blkid bundle
    calicoctl ceph certbot chage chmod chown chronyc cilium conntrack consul cp crictl crontab ctr
    curl cypher-shell dd df dig dmesg dnf docker docker-compose dotnet dpkg drush du e2fsck eksctl
    elasticsearch-plugin etcdctl ethtool fdisk firewall-cmd flink fsck fstrim fuser gcloud gh git
    gitlab-ctl gitlab-rake grep growpart gunicorn haproxy hdfs helm htop hwclock iostat iotop ip
    ipmitool iptables istioctl java jcmd jmap jps jq jstack jstat journalctl kafka-configs
    kafka-configs.sh kafka-consumer-groups kafka-consumer-groups.sh kafka-topics kafka-topics.sh
    keytool kill killall kubeadm kubectl ldapsearch linkerd ln logrotate ls lsblk lscpu lsmod lsof
    lvextend lvs mkdir mkfs mongo mongosh mount mtr mv mvn mysql mysqladmin mysqldump nc netstat nft
    nginx nmap nmcli node nodetool nomad npm nproc nslookup ntpdate ntpq nvidia-smi nvme oc openssl
    patronictl perl pg_ctl pg_dump pg_isready pg_restore pgbouncer php pidstat ping pip pkill pm2
    podman ps psql puppet pvresize pvs pwsh python python3 rabbitmqctl rabbitmq-diagnostics rake
    redis-cli resize2fs rm rsync ruby sar scp screen sed semanage setenforce smartctl snap solr
    sqlcmd sqlite3 ss ssh ssh-keygen strace supervisorctl sysctl systemctl tail tar tc tcpdump
    telnet terraform timedatectl tmux touch traceroute truncate tune2fs ufw umount uptime
    valkey-cli varnishadm vault vgs vmstat wget xfs_growfs xfs_repair yarn yum zcat zkCli.sh zpool
    zypper""".split()
)

#: Programs that are ordinary words as well: an option, a path or a number has to follow.
ORDINARY = frozenset(
    """cat date echo find free head host kill less make mount node screen snap sort stat
    sync test time top touch truncate vault watch which who ip perl ruby java node flink consul
    nomad puppet helm solr bash tar""".split()
)

#: Programs that say enough alone.
_ALONE = frozenset("df dmesg free htop iostat lsblk lsof netstat top uptime vmstat".split())

#: What may stand before a program.
_BEFORE = frozenset("sudo doas time nohup nice env exec xargs watch".split())

#: More of them in a row are no command, and looking past them all would take long.
_MOST_BEFORE = 5

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=\S*")
_PROMPT = re.compile(r"(?:[\w.-]{1,40}@[\w.-]{1,60}[:\s][^\s$#]{0,60})?[$#%>]\s+")
_TOKEN = re.compile(r"""\((?=\w)|(?:"[^"\n]*"|'[^'\n]*'|[^\s"'`]|["'])+""")
_ARGUMENT = re.compile(r"[-+]{1,2}\w|.*[/=:_@{}$*<>|\\\[\]]|.*\w[.-]\w|.*\d|[\"']")
_SQL = re.compile(
    r"(?:SELECT\s.+\sFROM|SELECT\s+\w+\(|ALTER\s+(?:TABLE|SYSTEM|DATABASE|USER|ROLE)|CREATE\s+(?:"
    r"INDEX|TABLE|UNIQUE|USER|DATABASE)|DROP\s+(?:TABLE|INDEX|DATABASE)|UPDATE\s+\S+\s+SET|"
    r"DELETE\s+FROM|INSERT\s+INTO|TRUNCATE\s+TABLE|VACUUM(?:\s|;|$)|REINDEX\s|KILL\s+(?:QUERY\s+)?\d|"
    r"SHOW\s+(?:\w+\s+)*(?:STATUS|PROCESSLIST|VARIABLES)|SET\s+GLOBAL\s)",
    re.IGNORECASE,
)

#: Words that end a command in prose, because they belong to the sentence around it.
_PROSE = frozenset(
    """a after again also although an and are as at because before but by did during each every
    failed first fixed for found from gave had has helped here if in into is it its just now of on
    once or our over reported returned said saw second see shortly showed showing shows since so
    solved still succeeded takes that the their them then there they this to too twice until us
    via was we were when where which while who why with without worked works you your""".split()
)

#: What a program is asked to do, so that `systemctl status` is a command and "systemctl failed"
#: is not. Programs that are not here take any argument.
_SUBCOMMANDS = {
    "systemctl": """status restart start stop reload enable disable daemon-reload list-units mask
        unmask show is-active cat edit kill reset-failed try-restart isolate""",
    "docker": """ps restart logs stop start exec run rm rmi pull push build compose system volume
        image container network stats inspect prune kill login service stack swarm info events""",
    "kubectl": """get describe logs delete apply scale rollout exec edit patch set top cordon
        uncordon drain create label annotate port-forward config auth run cp expose explain debug
        taint wait events replace api-resources cluster-info version""",
    "git": """revert push pull checkout log reset merge rebase clone fetch status commit tag stash
        gc bisect diff show cherry-pick clean submodule lfs branch switch restore""",
    "helm": "rollback upgrade install uninstall list history status get repo template test delete",
    "terraform": "apply plan init destroy state import output refresh validate taint untaint",
}
_SUBCOMMANDS_OF = {program: frozenset(words.split()) for program, words in _SUBCOMMANDS.items()}
_SUBCOMMANDS_OF["oc"] = _SUBCOMMANDS_OF["kubectl"] | {"adm", "login", "project", "debug"}
_SUBCOMMANDS_OF["podman"] = _SUBCOMMANDS_OF["docker"]
_TAKES_VALUE = r"-[a-zA-Z]|--namespace|--context"
_DEEDS = frozenset().union(*_SUBCOMMANDS_OF.values(), ["df", "undo", "resume", "pause"])


def without_prompt(line: str) -> str:
    """A line of a terminal without its prompt."""
    line = line.strip()
    prompt = _PROMPT.match(line)
    return line[prompt.end() :].strip() if prompt else line


def has_prompt(line: str) -> bool:
    """Whether a line begins with the prompt of a shell."""
    return bool(_PROMPT.match(line.strip()))


def program_of(command: str) -> str:
    """The program that a command runs, without its path; empty if none can be told."""
    for token in _TOKEN.findall(command):
        if token in _BEFORE or _ASSIGNMENT.fullmatch(token) or token.startswith("-"):
            continue
        return str(token.rsplit("/", 1)[-1])
    return ""


def deeds_of(command: str) -> frozenset[str]:
    """The words of a command that say what is to be done: `rollout undo`, never a name."""
    words = command.split()
    values = {at + 1 for at, word in enumerate(words) if re.fullmatch(_TAKES_VALUE, word)}
    return _DEEDS & {word for at, word in enumerate(words) if at not in values}


def is_sql(text: str) -> bool:
    """Whether a text is a statement for a database."""
    return bool(_SQL.match(text))


def is_command(text: str) -> bool:
    """Whether a text that is set apart (code, a quote, a line of its own) is a command.

    A name in code, such as `nginx` or `max_connections`, is none.
    """
    text = without_prompt(text)
    if not text or "\n" in text:
        return False
    if is_sql(text):
        return True
    tokens = _TOKEN.findall(text)
    rest = [token for token in tokens if token not in _BEFORE and not _ASSIGNMENT.fullmatch(token)]
    if not rest:
        return False
    program = rest[0].rsplit("/", 1)[-1]
    if tokens[0] in ("sudo", "doas"):
        return True
    if len(rest) == 1:
        return program in _ALONE or rest[0].startswith(("./", "/usr/", "/opt/", "/bin/", "/sbin/"))
    if rest[0].startswith(("./", "/")) or program == "service":
        return True
    return program in PROGRAMS or (program in ORDINARY and bool(_ARGUMENT.match(rest[1])))


def in_prose(text: str) -> Iterator[tuple[int, int]]:
    """Where commands stand in a text without any mark, as (start, end)."""
    tokens = list(_TOKEN.finditer(text))
    at = 0
    while at < len(tokens):
        end = _extent(tokens, at)
        if end > at:
            last = tokens[end - 1]
            yield tokens[at].start(), last.start() + len(_trimmed(last.group()))
            at = end
        else:
            at += 1


def _extent(tokens: list[re.Match[str]], at: int) -> int:
    """The token after the command that begins at one; the same token where none begins."""
    place = at
    last = min(at + _MOST_BEFORE, len(tokens))
    while place < last and tokens[place].group() in _BEFORE:
        place += 1
    if place >= len(tokens):
        return at
    program = tokens[place].group()
    if not _begins(program, place, tokens, sudo=place > at and tokens[at].group() == "sudo"):
        return at
    if _ends_sentence(program):
        return place + 1
    place += 1
    while place < len(tokens) and not _is_prose(tokens[place].group()):
        place += 1
        if _ends_sentence(tokens[place - 1].group()):
            break
    return place


def _begins(program: str, place: int, tokens: list[re.Match[str]], sudo: bool) -> bool:
    following = tokens[place + 1].group() if place + 1 < len(tokens) else ""
    bare = _trimmed(following)
    if program != _trimmed(program):
        return False
    if program == "service":
        third = _trimmed(tokens[place + 2].group()) if place + 2 < len(tokens) else ""
        return third in ("restart", "start", "stop", "status", "reload")
    if program in ORDINARY:
        return bool(re.match(r"-\w|[/~.]\S|\d+$", bare))
    if program not in PROGRAMS:
        return sudo and bool(bare) and not _is_prose(following)
    if program in _SUBCOMMANDS_OF:
        return bare in _SUBCOMMANDS_OF[program] or bare.startswith("-")
    return (
        bool(_ARGUMENT.match(bare))
        or bare.isupper()
        or (sudo and bool(bare) and not _is_prose(following))
    )


def _is_prose(token: str) -> bool:
    return _trimmed(token).lower() in _PROSE or token in ("-", "–", "—", "->", "→", "(")


def _ends_sentence(token: str) -> bool:
    return _trimmed(token) != token


def _trimmed(token: str) -> str:
    """The token without the punctuation of the sentence that it stands in."""
    trimmed = token.rstrip(",;:!?")
    if trimmed.endswith(".") and not trimmed.endswith("/."):
        trimmed = trimmed.rstrip(".")
    if trimmed.endswith(")") and "(" not in trimmed:
        trimmed = trimmed.rstrip(")")
    return trimmed

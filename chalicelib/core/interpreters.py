"""Commands of which a part is read a second time, as code of a shell or of another language."""

import re

from chalicelib.core.commands import is_sql

_READ_AGAIN = re.compile(
    r"""(?:^|[\s;|&("'`/=])
    (?: (?:ba|da|z|k|c|tc|a|fi)?sh | ssh | scp | rsync | su | runuser | eval | alias | typeset
      | xargs | crontab | flock | tmux | gdb | vtysh | busybox | pwsh | powershell
      | send-command | run-command | pdsh | clush | salt | ansible
      | psql | mysql | mariadb | mongo | mongosh | sqlite3 | sqlcmd | cqlsh | cypher-shell
      | clickhouse-client | influx | python[\d.]* | perl | ruby | php | lua | groovy | tclsh
      | [gm]?awk | sed | jq | yq | node\s+-\w+ | env\s+-S | (?:test|\[|printf)\s+-v )
    (?=\s|$)
    # Ordinary words, where a command begins.
    | (?:^|[\n;|&({/] | \b(?:sudo|do|then|else|time|exec|nohup|env) )\s{0,20}
    (?: at | batch | declare | expect | let | make | parallel | screen | script | source | trap
      | unset | watch )
    (?=\s|$)""",
    re.VERBOSE | re.IGNORECASE,
)


def reads_again(command: str) -> bool:
    """Whether a command is SQL, or hands a part of itself to a program that reads it as code.

    `ssh`, `sh -c`, `psql -c`, `awk` and their like do. Where this is not sure, it is said of too
    many rather than of too few.
    """
    return is_sql(command) or _READ_AGAIN.search(command) is not None

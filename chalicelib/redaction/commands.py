"""Commands and statements that take a password without naming it, each up to the password."""

#: What a programming language writes in front of a quoted text: `@"…"`, `b'…'`.
_PREFIX = r"(?:(?:@|[rbfuL]{1,2})(?=[\"']))?"
# A value ends at a blank, a quote or a bracket; at , ; & only where another name follows.
VALUE = (
    _PREFIX + r"(?:\\{1,3}\"(?P<escaped>[^\"\\\n]++)|\"(?P<double>(?:[^\"\\\n]|\\.)++)"
    r"|'(?P<single>[^'\n]++)"
    r"|`(?P<ticked>[^`\n]++)"
    r"|(?P<bare>[^\s\"'`,;&<>|](?:[^\s\"'`,;&<>]|[,;&](?!\s|$|&|[\w.-]{1,40}[=:])"
    r"|<(?!REDACTED:|/))*+))"
)

#: By a word, in lower case, that a text has where it holds one.
COMMANDS = {
    "mysql": r"\bmysql[\w-]{0,20}\b[^\n|;&]{0,200}?\s-p(?=[^\s-])",
    "mariadb": r"\bmariadb[\w-]{0,20}\b[^\n|;&]{0,200}?\s-p(?=[^\s-])",
    "sshpass": r"\bsshpass\s{1,4}-p\s{0,4}",
    "redis-cli": r"\bredis-cli\b[^\n|;&]{0,200}?\s-a\s{1,4}",
    " login ": r"\b(?:docker|podman|registry|az|oc|helm|skopeo|argocd|cf)\s{1,4}"
    r"(?:registry\s)?login\b[^\n|;&]{0,200}?\s-p[\s=]{1,4}",
    "ldap": r"\bldap\w{1,10}\b[^\n|;&]{0,200}?\s-w\s{1,4}",
    "mongo": r"\bmongo\w{0,10}\b[^\n|;&]{0,200}?\s-p\s{1,4}",
    "sqlcmd": r"\b(?:sqlcmd|bcp|isql)\b[^\n|;&]{0,200}?\s-P\s{0,4}",
    "sqlplus": r"\bsqlplus\s{1,4}(?:-\w{1,3}\s{1,4}){0,3}[\w$]{1,40}/(?=[^\s@/]{1,80}@)",
    "smbclient": r"\bsmbclient\b[^\n|;&]{0,200}?\s-U\s{1,4}[^\s%]{1,80}%",
    "openssl": r"\bopenssl\b[^\n|;&]{0,200}?(?:-pass(?:in|out)?|-k)\s{1,4}(?:pass:)?",
    "net use": r"\bnet\s{1,4}use\b[^\n|;&]{0,120}?/user:\S{1,80}\s{1,4}",
    "ipmitool": r"\bipmitool\b[^\n|;&]{0,200}?\s-P\s{1,4}",
    "ansible": r"\bansible_(?:ssh_|become_|sudo_)?pass=",
    "chpasswd": r"\becho\s{1,4}[\"']?[\w.-]{1,40}:(?=[^\n|]{1,100}\|\s{0,4}(?:sudo\s)?chpasswd)",
    "set password": r"(?i:\bset\s{1,4}password\s{1,4}for\s{1,4}\S{1,80}\s{0,4}=\s{0,4})(?=')",
    "jdbc:oracle": r"\bjdbc:oracle:\w{2,5}:[^\s/@\"']{1,60}/(?=[^\s@\"']{1,80}@)",
    "snmp": r"\bsnmp\w{0,12}\b[^\n|;&]{0,80}?\s-c\s{1,4}",
    "requirepass": r"\brequirepass\s{1,4}",
    "masterauth": r"\bmasterauth\s{1,4}",
    "password": r"\b(?:login\s{1,4}\S{1,100}|machine\s{1,4}\S{1,100}|default)\s{1,40}"
    r"(?:(?:login|account)\s{1,4}\S{1,100}\s{1,40}){0,2}password\s{1,4}",
    "plink": r"\b(?:plink|pscp|psftp|putty)\b[^\n|;&]{0,200}?\s-pw\s{1,4}",
    "useradd": r"\buser(?:add|mod)\b[^\n|;&]{0,200}?\s(?:-p|--password)[\s=]{1,4}",
    "passwd": r"\bpasswd\b[^\n|;&]{0,80}?\s-p\s{1,4}",
    "net user": r"\bnet\s{1,4}user\s{1,4}[\w.-]{1,40}\s{1,4}(?=[^\s/*])",
    "sudo -s": r"\becho\s{1,4}(?=[^\n|]{1,100}\|\s{0,4}sudo\s{1,4}-S\b)",
    "password-stdin": r"\b(?:echo|printf)\s{1,4}(?:-n\s{1,4}|\"?%s\"?\s{1,4})?"
    r"(?=[^\n|]{1,400}\|[^\n|]{0,200}--password-stdin)",
    "kinit": r"\bkinit\b[^\n|;&]{0,100}?<<<\s{0,4}",
    "mysqladmin": r"\bmysqladmin\b[^\n|;&]{0,200}?\spassword\s{1,4}",
    "bindpw": r"\bbindpw\s{1,8}",
    "enable ": r"\benable\s{1,4}(?:secret|password)\s{1,4}(?:level\s\d{1,2}\s)?\d\s{1,4}",
    "username ": r"\busername\s{1,4}\S{1,60}\s{1,4}[^\n]{0,40}?(?:password|secret)\s{1,4}\d\s{1,4}",
    "snmp-server": r"\bsnmp-server\s{1,4}community\s{1,4}",
    "psk": r"\b(?:wpa_)?psk=",
    "convertto-securestring": r"\bConvertTo-SecureString\s{1,4}(?:-String\s{1,4})?(?=[\"'])",
    "identified": r"(?i:\bidentified\s{1,4}(?:with\s{1,4}\S{1,40}\s{1,4})?by\s{1,4}"
    r"(?:password\s{1,4})?)(?=')",
    "password '": r"(?i:\bpassword\s{1,4})(?=')",
    "password(": r"(?i:\bpassword\(\s{0,4})(?=')",
}
CURL_USER = (
    r"\b(?:curl|wget|http|https)\b[^|;]{0,300}?\s(?:-u|--user|--proxy-user|-U|-a)[\s=]{0,4}[\"']?"
    r"(?:[^\s\"':$<]{1,100}:[\"']?)(?P<bare>[^\s\"'$<]++)"
)

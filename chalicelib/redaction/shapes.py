"""Secrets that are known by their shape alone: vendors' tokens, signed tokens and private keys."""

import re
from collections.abc import Callable
from typing import NamedTuple

#: A run with fewer different characters is filler, as in documentation: `xxxxxxxx`.
LEAST_DIFFERENT_CHARACTERS = 9

_BEFORE = r"(?<![A-Za-z0-9])"
_AFTER = r"(?![A-Za-z0-9])"


class Shape(NamedTuple):
    """The form of one kind of secret.

    `hint` is a text that every such secret holds: looking for it first is what makes this fast.
    """

    kind: str
    hint: str
    pattern: re.Pattern[str]


def _token(kind: str, hint: str, pattern: str) -> Shape:
    return Shape(kind, hint, re.compile(f"{_BEFORE}(?:{pattern}){_AFTER}"))


# A key that has lost its last line ends at the first empty one. No body can run past a row of
# five hyphens, so many openings in one text still cost linear time.
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:[^-]|-(?!----))*+-----END [A-Z0-9 ]{0,60}-----"
    r"|(?:[^-\n]|\n(?!\s*\n)|-(?!----))*+)"
)

SHAPES = (
    Shape("private_key", "PRIVATE KEY", _PRIVATE_KEY),
    # The same in base64, as in a kubeconfig: -----BEGIN RSA, PRIVATE, EC, OPENSSH, DSA, ENCRYPTED.
    _token(
        "private_key",
        "LS0tLS1CRUdJTiB",
        r"LS0tLS1CRUdJTiB(?:SU0E|QUkl|FQy|PUEV|EU0E|FTk)[A-Za-z0-9+/]{20,}+",
    ),
    _token("age_key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    _token("aws_access_key", "A", r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}"),
    _token("aws_bedrock_key", "ABSK", r"ABSK[A-Za-z0-9+/]{109,269}={0,2}"),
    # It may begin only where a run of its characters does: else a run without a dot is read again
    # and again.
    Shape("jwt", "eyJ", re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+)?")),
    _token("grafana_token", "eyJrIjoi", r"eyJrIjoi[A-Za-z0-9+/=]{30,}+"),
    _token("grafana_token", "gls", r"glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}"),
    _token("grafana_token", "glc_", r"glc_[A-Za-z0-9+/]{32,400}={0,2}"),
    _token("github_token", "gh", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    _token("github_token", "github_pat_", r"github_pat_\w{22,255}"),
    _token("gitlab_token", "gl", r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|wt)-[\w.=-]{20,}+"),
    _token("gitlab_token", "GR1348941", r"GR1348941[\w-]{20,}+"),
    _token("slack_token", "xox", r"xox[a-z](?:\.xox[a-z])?-[\w-]{10,}+"),
    _token("slack_token", "xapp-", r"xapp-\d-[\w-]{20,}+"),
    _token(
        "webhook",
        "hooks.slack.com/",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/+-]{20,}+",
    ),
    _token("webhook", "/api/webhooks/", r"discord(?:app)?\.com/api/webhooks/\d{5,30}/[\w-]{20,}+"),
    _token("webhook", "webhook.office.com/", r"webhook\.office\.com/webhookb2/[\w@/-]{40,}+"),
    _token("discord_token", ".", r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}"),
    _token("telegram_token", ":AA", r"\d{8,10}:AA[\w-]{32,34}"),
    _token("stripe_key", "k_", r"(?:sk|rk|pk)_(?:live|test|prod)_[A-Za-z0-9]{10,255}"),
    _token("stripe_key", "whsec_", r"whsec_[A-Za-z0-9+/]{24,100}={0,2}"),
    _token("square_token", "sq0", r"sq0(?:atp|csp)-[\w-]{22,}+"),
    _token("square_token", "EAAA", r"EAAA[\w+/=-]{56,80}"),
    _token("facebook_token", "EAA", r"EAA[MC][A-Za-z0-9]{80,}+"),
    _token("shopify_token", "shp", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _token("google_key", "AIza", r"AIza[\w-]{35}"),
    _token("google_token", "ya29.", r"ya29\.[\w-]{20,}+"),
    _token("google_token", "GOCSPX-", r"GOCSPX-[\w-]{24,32}"),
    _token("npm_token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _token("pypi_token", "pypi-AgE", r"pypi-AgE[\w-]{50,}+"),
    _token("rubygems_token", "rubygems_", r"rubygems_[0-9a-f]{48}"),
    _token("docker_token", "dckr_", r"dckr_[a-z]{3}_[\w-]{27,}+"),
    _token("artifactory_token", "AKCp", r"AKCp[A-Za-z0-9]{60,80}"),
    _token("huggingface_token", "hf_", r"hf_[A-Za-z0-9]{30,40}"),
    _token("huggingface_token", "api_org_", r"api_org_[A-Za-z0-9]{30,40}"),
    _token("anthropic_key", "sk-ant-", r"sk-ant-[\w-]{40,}+"),
    _token("openai_key", "T3BlbkFJ", r"sk-[\w-]{20,120}?T3BlbkFJ[\w-]{20,}+"),
    _token("openai_key", "sk-", r"sk-(?:proj|svcacct|admin)-[\w-]{40,}+"),
    _token("sendgrid_key", "SG.", r"SG\.[\w=-]{16,32}\.[\w=-]{36,64}|SG\.[\w=.-]{60,80}"),
    _token("mailchimp_key", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
    _token("mailgun_key", "key-", r"(?:pub)?key-[0-9a-f]{32}"),
    _token("twilio_key", "SK", r"SK[0-9a-f]{32}"),
    _token("vault_token", "hv", r"hv[sbr]\.[\w-]{20,}+"),
    _token("vault_token", "s.", r"[sbr]\.[A-Za-z0-9]{24,26}"),
    _token("terraform_token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,}+"),
    _token("digitalocean_token", "_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    _token("databricks_token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    _token("newrelic_key", "NR", r"NR(?:AK|II|AA|RA|IQ|JS|BR)-[\w-]{19,40}"),
    _token("sentry_token", "sntry", r"sntry[su]_[A-Za-z0-9+/=_]{40,}+"),
    _token("atlassian_token", "AT", r"AT[AC]TT3xFf[\w=-]{50,}+"),
    _token("heroku_key", "HRKU-", r"HRKU-[\w-]{36,}+"),
    _token("doppler_token", "dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9]{40,44}"),
    _token("sourcegraph_token", "sgp_", r"sgp_(?:[A-Fa-f0-9]{16}_|local_)?[A-Fa-f0-9]{40}"),
    _token("linear_key", "lin_api_", r"lin_api_[A-Za-z0-9]{32,}+"),
    _token("pulumi_token", "pul-", r"pul-[0-9a-f]{40}"),
    _token("postman_key", "PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
)

_AWS_SECRET = re.compile(r"(?<![\w/+=])[A-Za-z0-9/+]{40}(?![\w/+=])")


def placeholder(kind: str) -> str:
    """What stands where a secret of that kind was."""
    return f"<REDACTED:{kind}>"


def remove_shapes(text: str) -> str:
    """The text without the secrets that their shape gives away."""
    for kind, hint, pattern in SHAPES:
        if hint in text:
            text = pattern.sub(_remover(kind), text)
    # Forty characters alone may be anything; beside an access key id they are its secret half.
    if placeholder("aws_access_key") in text:
        text = _AWS_SECRET.sub(_remove_mixed, text)
    return text


def _remover(kind: str) -> Callable[[re.Match[str]], str]:
    def remove(match: re.Match[str]) -> str:
        filler = kind != "private_key" and len(set(match[0])) < LEAST_DIFFERENT_CHARACTERS
        return match[0] if filler else placeholder(kind)

    return remove


def _remove_mixed(match: re.Match[str]) -> str:
    run = match[0]
    mixed = re.search(r"[a-z]", run) and re.search(r"[A-Z]", run) and re.search(r"\d", run)
    return placeholder("aws_secret_key") if mixed else run

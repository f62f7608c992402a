"""Every secret here is put together at run time, so that none stands in the source."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.redaction import redact, redact_value

ALPHABET = string.ascii_letters + string.digits


def run(length: int, alphabet: str = ALPHABET) -> str:
    return "".join(alphabet[(7 * n + 3) % len(alphabet)] for n in range(length))


PASSWORD = "tr0ub" + "4dor-" + "3"
HEX = "0123456789abcdef"
AWS_ID = "AK" + "IA" + run(16, string.ascii_uppercase + "234567")
JWT = ".".join(("ey" + "J" + run(30), "ey" + "J" + run(40), run(43)))
PEM = "\n".join(
    ("-----BEGIN RSA " + "PRIVATE KEY-----", run(64), run(40), "-----END RSA " + "PRIVATE KEY-----")
)

SHAPES = [
    ("aws_access_key", AWS_ID),
    ("github_token", "gh" + "p_" + run(36)),
    ("gitlab_token", "gl" + "pat-" + run(20)),
    ("slack_token", "xo" + "xb-" + run(12, string.digits) + "-" + run(24)),
    ("stripe_key", "sk" + "_live_" + run(24)),
    ("google_key", "AI" + "za" + run(35)),
    ("npm_token", "np" + "m_" + run(36)),
    ("pypi_token", "py" + "pi-AgE" + run(60)),
    ("jwt", JWT),
    ("vault_token", "hv" + "s." + run(24)),
    ("twilio_key", "S" + "K" + run(32, HEX)),
    ("private_key", PEM),
]


@pytest.mark.parametrize(("kind", "secret"), SHAPES, ids=[kind for kind, _ in SHAPES])
def test_a_vendors_token_goes_and_the_words_around_it_stay(kind: str, secret: str) -> None:
    assert redact(f"we used {secret} there") == f"we used <REDACTED:{kind}> there"


@pytest.mark.parametrize(
    "text",
    [
        "password={}",
        "DB_PASSWORD={} ./deploy",
        "password: {}",
        "the password was {} until today",
        'config {{"user": "app", "password": "{}"}}',
        r"body \"password\": \"{}\", \"user\": \"x\"",
        "spring.datasource.password={}",
        "Server=db;Uid=app;Pwd={};Database=orders",
        "client_secret = '{}'",
        "api_key={}&page=2",
        "mysqldump -u root -p{} orders",
        "mysql -h db -p'{}'",
        "sshpass -p {} ssh host",
        "redis-cli -h cache -a {} INFO",
        "docker login -u ci -p {} registry",
        "deploy --password {} --force",
        "curl -u admin:{} https://x/health",
        "postgresql://app:{}@db.internal:5432/orders",
        "redis://:{}@cache:6379/0",
        "Authorization: Basic {}",
        "curl -H 'Authorization: Bearer {}' https://x",
        "X-Api-Key: {}",
        "Cookie: session={}",
        "ALTER USER app IDENTIFIED BY '{}'",
        "- name: DB_PASSWORD\n  value: {}\n",
        "kind: Secret\ndata:\n  extra: {}\n",
        "<apiToken>{}</apiToken>",
    ],
)
def test_what_stands_beside_a_name_or_a_command_goes(text: str) -> None:
    secret = PASSWORD
    filled = text.format(secret)
    assert secret in filled
    assert secret not in redact(filled)
    assert "<REDACTED:" in redact(filled)


def test_what_follows_a_value_stays() -> None:
    assert redact(f"api_key={PASSWORD}&page=2").endswith("&page=2")
    assert redact(f"Pwd={PASSWORD};Database=orders").endswith(";Database=orders")
    assert redact(f"redis://u:{PASSWORD}@cache:6379") == "redis://u:<REDACTED:password>@cache:6379"


def test_the_secret_half_of_an_aws_key_goes_with_its_id() -> None:
    half, commit = run(39) + "+", run(40, HEX)
    text = redact(f"keys {AWS_ID} {half}, deployed {commit}")
    assert half not in text
    assert commit in text


@pytest.mark.parametrize(
    "text",
    [
        "password reset requested by the user",
        "token expired, the secret was rotated",
        "Token: expired",
        "the password is required, so we set the token to null",
        "password=$DB_PASSWORD",
        "token: ${TOKEN}",
        "Authorization: Bearer $TOKEN",
        "password: {{ db_password }}",
        "curl -u $USER:$PASS https://x",
        "mysql -u root -p orders",
        "kubectl get secret db-credentials -n shop",
        "secret: prod/db-credentials",
        "token = os.environ['TOKEN']",
        "SyntaxError: Unexpected token: foo1",
        "password=********",
        "PWD=/srv/app",
        "use the --token flag",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "image app@sha256:" + "ab12" * 16,
        "pod 3f2c8a6e-5b1d-4a3e-9c77-0d1e2f3a4b5c",
        "max_tokens=4096, token_count: 12",
        "http://10.0.0.1:8080/health and ssh://git@host/repo",
        "cluster-logging-operator-CollectorHigh403ForbiddenResponseRate-3",
    ],
)
def test_harmless_text_stays(text: str) -> None:
    assert redact(text) == text


def test_a_body_keeps_its_keys_and_its_shape() -> None:
    body = {
        "title": "Login fails",
        "tags": ["auth", f"token={PASSWORD}"],
        "parameters": {"password": PASSWORD, "api_key": {"deep": PASSWORD}, "secret": None},
        "env": [{"name": "DB_PASSWORD", "value": PASSWORD}],
        "count": 3,
    }
    assert redact_value(body) == {
        "title": "Login fails",
        "tags": ["auth", "token=<REDACTED:token>"],
        "parameters": {
            "password": "<REDACTED:password>",
            "api_key": "<REDACTED:api_key>",
            "secret": None,
        },
        "env": [{"name": "DB_PASSWORD", "value": "<REDACTED:password>"}],
        "count": 3,
    }


WORDS = ["password", "=", ": ", '"', "'", "\\", " ", "\n", "token", "Bearer ", "Authorization: "]
WORDS += ["secret", "api_key", "--", "://", "@", ":", "<", ">", ",", ";", "&", "$", "x1y2z3w4"]
WORDS += ["mysql ", "-p", "curl -u ", "name: ", "value: ", "kind: Secret\n", "data:\n  ", "is "]
CONTEXTS = st.lists(st.sampled_from(WORDS), max_size=14).map("".join)
TEXTS = st.lists(st.sampled_from(WORDS + [s for _, s in SHAPES]), max_size=14).map("".join)


@given(TEXTS)
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(CONTEXTS)
def test_no_shape_survives_whatever_surrounds_it(text: str) -> None:
    secret = SHAPES[1][1]
    assert secret not in redact(f"{text} {secret} {text}")


@pytest.mark.parametrize(
    "piece",
    ["eyJ-", "password=", "token: ", "://a:", "-----BEGIN " + "PRIVATE KEY-----\n", "mysql -"],
)
def test_time_grows_with_the_length_only(piece: str) -> None:
    """Where it grew with the square of it, any of these would take minutes."""
    assert redact(piece * (100_000 // len(piece)))


def test_a_placeholder_names_the_kind() -> None:
    kinds = re.findall(r"<REDACTED:(\w+)>", redact(f"pwd={PASSWORD} api_key={PASSWORD} {JWT}"))
    assert kinds == ["password", "api_key", "jwt"]

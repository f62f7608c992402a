"""Which names tell that what stands beside them is a secret, and which values are none."""

import math
import re
from collections import Counter
from typing import Any

import re2

#: What a secret is called. The text in front of it (`DB_`, `spring.datasource.`) does not matter.
NAME = (
    r"(?:pass(?:word|wd|phrase|code)|passwort|kennwort|contraseñ?n?a|senha|mot[ _]?de[ _]?passe"
    r"|(?<![a-z])(?:pwd|pass|pw|mdp|creds?)"
    r"|(?:aws[_-]?)?secret[_. -]?access[_. -]?key|secret[_. -]?key|secret|token|credentials?"
    r"|(?:api|access|auth|private|account|signing|encryption|master|role|openai|license|shared"
    r"|client|consumer|storage|service|session|admin|write|ingest|deploy|hmac|sharedaccess)"
    r"[_. -]?key)"
)
_KINDS = (
    (re.compile(r"secret.?access.?key", re.I), "aws_secret_key"),
    (re.compile(r"private.?key", re.I), "private_key"),
    (re.compile(r"key$", re.I), "api_key"),
    (re.compile(r"token", re.I), "token"),
    (re.compile(r"secret|cred", re.I), "secret"),
    (re.compile(r"pass|pw|senha|contrase|mdp|kennwort", re.I), "password"),
    (re.compile(r"sess|sid|cookie|csrf", re.I), "session"),
)
_AT_END = re.compile(rf"(?i)(?:{NAME}|authorization|cookie)s?[_.-]?\d{{0,3}}$")

#: Names that only now and then are a secret's: only what looks like one goes.
_WEAK = re.compile(
    rf"(?i){NAME}|key|auth|(?:^|[^a-z])(?:sid|pat|dsn|jwt|otp|pin|sig|salt|psk|pem|code)(?:$|[^a-z])"
    r"|signature|session|csrf|bearer|webhook|credential|license|cookie|login"
)
#: Companies whose tokens have no form of their own, only a name beside them.
_VENDORS = re2.compile(
    r"(?i)adafruit|adobe|airtable|aiven|algolia|alibaba|amplitude|artifactory|asana|atlassian|auth0"
    r"|authress|azure|beamer|bitbucket|bitly|bittrex|bitrise|braintree|branch.?io|bugsnag|buildkite"
    r"|calendly|checkout|cloudant|circle.?ci|clearbit|clickhouse|clojars|cloudflare|cloudinary|codacy"
    r"|code.?climate"
    r"|codecov|cohere|coinbase|confluent|confluence|contentful|coveralls|datadog|digitalocean"
    r"|discord|doppler|drone.?ci|dropbox|dynatrace|easypost|elastic|etsy|facebook|fastly|finicity"
    r"|finnhub|firebase|flickr|flutterwave|freshbooks|freshdesk|gitea|github|gitlab|gitter"
    r"|gocardless|grafana|heroku|hubspot|ibm|infracost|instagram|intercom|jenkins|jfrog|jira|jumpcloud"
    r"|keen.?io|kraken|kucoin|launchdarkly|linear|linkedin|linode|lob|looker|mailchimp|mailgun|mailjet"
    r"|mapbox|mattermost|maxmind|messagebird|microsoft.?teams|mixpanel|mongodb.?atlas|mux|netlify"
    r"|new.?relic|notion|npm|nuget|nytimes|okta|onelogin|openai|openshift|openweather|opsgenie"
    r"|pagerduty|paypal|percy|plaid|planetscale|plivo|postman|postmark|prefect|privateai|pubnub"
    r"|pulumi|pusher|pypi|rapidapi|razorpay|readme|recaptcha|rollbar|rubygems|salesforce|sauce"
    r"|segment|sendbird|sendgrid|sengrid|sendinblue|sentry|settlemint|shodan|shopify|shippo|sidekiq"
    r"|slack|smartsheet|snyk|softlayer|sonar(?:qube|cloud)?|sourcegraph|sparkpost|splunk|spotify"
    r"|square(?:space)?|statuspage|stripe|sumo.?logic|supabase|tailscale|telegram|terraform|travis"
    r"|trello|twilio|twitch|twitter|typeform|vault|vercel|virustotal|vonage|weatherstack|webex"
    r"|abuseipdb|alchemy|anthropic|apify|appdynamics|assemblyai|baidu|bamboo|bannerbear|bitwarden"
    r"|box|brevo|bunny|censys|checkly|clerk|clickup|cockroach|consul|copper|crowdin|customer.?io"
    r"|deepgram|deepl|deepseek|docker|elevenlabs|etherscan|fly.?io|fullstory|geoapify|ghost|gitguardian"
    r"|google|groq|guru|harness|helpscout|hetzner|honeycomb|honeybadger|huawei|hugging.?face|imgix"
    r"|infura|instana|ipinfo|ipstack|kagi|klaviyo|lacework|langfuse|line|logdna|loggly|logz|mandrill"
    r"|maptiler|miro|mistral|monday|moralis|neon|ngrok|nomad|nvd|octopus|papertrail|perplexity"
    r"|pinecone|pingdom|pinata|pipedrive|pivotal|posthog|quicknode|railway|redis|replicate|resend"
    r"|retool|ringcentral|scaleway|securitytrails|semgrep|sentinel|signalfx|snowflake|sonatype"
    r"|statuscake|strava|stytch|surge|tavily|teamcity|tencent|together|toggl|tomtom|tmdb|uploadcare"
    r"|upstash|uptimerobot|veracode|vultr|wandb|wasabi|wiz|workos|xai|zerotier|zilliz"
    r"|wepay|wistia|yandex|youtube|zapier|zendesk|zoho|zoom"
)
_OF_VENDOR = re.compile(
    r"(?i)key|tok|secret|auth|id$|api|pat|cred|client|access|pass|hook|login|app"
)
#: What is said of a secret or is public, though its name has a secret's name in it.
_NO_SECRET = re.compile(
    r"(?i)public|(?:primary|foreign|partition|sort|cache|routing|object|idempotency|row|map|index"
    r"|group|search|hot|host|sub|registry|dedup\w*|bucket|issue|s3|event|metric|label|config|lookup"
    r"|column|composite|shard|hash|range|unique|natural|consumer.?group|translation|message)"
    r"[_. -]?key"
    r"|(?:name|file|path|dir|url|uri|endpoint|type|policy|length|len|count|size|limit|expir\w*|ttl"
    r"|version|algorithm|alg|format|ref|reference|fingerprint|owner|usage|status|state|commit|sha"
    r"|revision|digest|checksum|branch|tag|arn|issuer|audience|scope|timeout|interval|rotation|age"
    r"|encryption|field|input|strength|store|manager|backend|provider|label|hint|attempt|prompt"
    r"|mode|method|class|pattern|regex|rule|role|namespace|source|plugin|_?id|_at|_on)s?$"
    r"|author(?!iz)|keyword|keyspace|keyboard|monkey|turkey|hockey|keyring|keystore|keep|decode|encode"
    r"|unicode|exitcode|(?:status|exit|error|return|country|zip|area|response|http|currency|lang\w*)"
    r"[_. -]?code|source.?code|machine.?id"
)

_REFERENCE = re.compile(
    r"\$(?!(?:2[abxy]|1|5|6|y|apr1|argon2\w{1,2})\$)|%\w+%|\{\{|\{\w*\}|<|\[?(?:redacted|masked|hidden|filtered)\b|(?:process\.|os\.)?env\b"
    r"|secrets?\.|(?:x{3,}|\*{3,}|\.{3,})|(.)\1*$|\W*$|[a-z_][\w.>-]*[(\[]"
    r"|(?:~|\.{1,2})?/[a-z0-9_./-]+$|file:|vault:|ssm:|arn:aws:(?:secretsmanager|ssm)"
    r"|your[-_ ]|example\b|change-?me|placeholder",
    re.I,
)
#: With which words a sentence about a secret, or its state, goes on.
_STATES = """
    a absent and argument auth bad blank by can changed correct denied disabled does empty enabled
    error exceeded exists expired expires expiry failed failure false field flag for forbidden
    from generated generation has header if in incorrect invalid is issued leaked lost mismatch
    missing must n/a needed new nil no none not null of ok old on option or parameter refresh
    rejected renewed required reset revoked rotate rotated rotation set should string string. that
    the to true unauthorized undefined unknown unset update updated valid validation via was were
    when with wrong yes your optional int integer bool boolean str text varchar char bytes object
    todo tbd
"""
_WORDS = frozenset(_STATES.split())
_TOKEN = re.compile(r"(?=[^\s]*\d)[\w+/=~.%-]{12,}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_PLAIN = re.compile(
    r"[\d.,:_/+-]+(?:[kmgt]i?b?|ms|s|m|h|d)?|v?\d+(?:[.-]\w+)*|\d{4}-\d\d-\d\d[tT ].*"
    r"|[a-z][a-z-]*(?:\.[a-z0-9-]+)+|(?:[a-z]+[0-9]*[-_./:])+[a-z]*[0-9]{0,6}"
    r"|(?:[a-z]+|\d+)(?:[-_./:](?:[a-z]+|\d+))*",
    re.I,
)
_LEAST_ENTROPY = 2.9  # bits a character; English words have less, random hexadecimal 3.5 and more


def names_secret(name: Any) -> bool:
    """Whether something of that name, such as `DB_PASSWORD` or `clientSecret`, is a secret."""
    return isinstance(name, str) and bool(_AT_END.search(name)) and not _NO_SECRET.search(name)


def may_name_secret(name: str) -> bool:
    """Whether something of that name is a secret where its value looks like one."""
    vendors = _OF_VENDOR.search(name) and _VENDORS.search(name)
    return bool(_WEAK.search(name) or vendors) and not _NO_SECRET.search(name)


def kind_of(name: str) -> str:
    """What kind of secret has that name."""
    return next((kind for pattern, kind in _KINDS if pattern.search(name)), "secret")


def is_reference(value: str) -> bool:
    """Whether a value only stands for a secret: `$TOKEN`, `{{ password }}`, `<token>`, `xxxx`."""
    return _REFERENCE.match(value) is not None or is_filler(value)


def is_filler(value: str) -> bool:
    """Whether most of it is one character again and again: `hf_xxxxxxxx`, `AKIA0000...`."""
    body = value[len(value) // 4 :]
    return any(body.count(c) * 2 > len(body) for c in "xX0*.-_#")


def is_word(value: str) -> bool:
    """Whether the value only says how a secret fares: `expired`, `not set`."""
    words = value.lower().split()[:1]
    return bool(words) and words[0].rstrip(".:,;)") in _WORDS


def is_plain(value: str) -> bool:
    """Whether a value is made as names, versions, sizes and dates are: `scram-sha-256`, `v1.2`."""
    return _PLAIN.fullmatch(value) is not None


def looks_random(value: str) -> bool:
    """Whether a value looks drawn by a machine: long, digits among letters, no words."""
    if not _TOKEN.fullmatch(value) or is_plain(value):
        return False
    if _UUID.fullmatch(value):
        return True
    counts = Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return entropy >= _LEAST_ENTROPY and any(c.isalpha() for c in value)

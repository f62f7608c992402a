"""Words for systems and for how trouble shows, where a scope's own reports do not name them.

Curated by hand, from what operators run and write of; why so, and what for, is in
`docs/decisions/0009-inferred-systems.md`.
"""

import re

#: Software and services that are run, in their usual spelling. No words that also mean something
#: else in a report: no `go`, `spark`, `storm`, `chef`, `salt`, `swift`, `flask` or `express`.
SYSTEMS = {
    name.casefold(): name
    for name in """
        ActiveMQ Aerospike Airflow Akamai Alertmanager Ansible Apache ArgoCD Argo Aurora Auth0
        Bitbucket CDN Cassandra Ceph ClickHouse Cloudflare CloudFront CloudWatch CockroachDB
        Confluence Consul containerd CoreDNS Couchbase CouchDB Datadog DNS Docker DynamoDB EC2 ECS
        EKS ElastiCache Elasticsearch Envoy etcd Fargate Fastly Filebeat Flink Fluentd fluentbit
        FreeIPA GitHub GitLab GlusterFS Grafana Graylog GKE HAProxy Hadoop HBase HDFS Heroku Hive
        IIS InfluxDB Istio Jaeger Jenkins Jira Kafka Keycloak Kibana Kinesis Knative kube-proxy
        kubelet Kubernetes K8s LDAP Linkerd Logstash Loki MariaDB Memcached Mesos Metricbeat MinIO
        MongoDB MSSQL MySQL NATS Neo4j Netlify New-Relic NFS Nginx NLB Nomad NTP Okta OpenLDAP
        OpenSearch OpenShift OpenStack OpenVPN Oracle PagerDuty PgBouncer Postfix Postgres
        PostgreSQL Presto Prometheus Pulsar Puppet RabbitMQ RDS Redis Redshift Riak Route53 S3
        SAML SMTP SNS SQS ScyllaDB Sentry Sidekiq Snowflake Solr Splunk Squid SSO Storm-Nimbus
        Stripe Terraform Thanos Tomcat Traefik Trino Twilio Varnish Vault Vercel VPN WildFly YARN
        ZooKeeper Zookeeper Zabbix
    """.split()
}

#: What a token ends in, behind a hyphen or an underscore, that names a running thing.
KINDS = frozenset(
    """agent api app auth backend broker bus cache cluster consumer controller cron daemon db
    database dns engine exporter frontend gateway gw indexer ingress job lb loader manager master
    node operator portal primary processor producer proxy queue replica router runner scheduler
    server service site store svc sync ui vm web webhook worker""".split()
)

_SYMPTOMS = {
    "out of memory": (
        "memory oom heap",
        r"out[- ]of[- ]memory|oom[- ]?kill\w*|oomkilled|outofmemoryerror|heap space",
    ),
    "disk full": (
        "full space disk",
        r"disk (?:is )?(?:almost |nearly )?full|no space left|out of disk(?: space)?",
    ),
    "high CPU": (
        "cpu",
        r"high cpu|cpu (?:usage |load |utili[sz]ation )?(?:is |was )?(?:high|at \d\d)",
    ),
    "high memory": (
        "memory",
        r"high memory|memory (?:usage |utili[sz]ation )?(?:is |was )?(?:high|at \d\d)",
    ),
    "memory leak": ("leak", r"memory leak\w*|leak(?:s|ing|ed) memory"),
    "timeouts": ("tim deadline", r"tim(?:e|ed|ing)[- ]?out\w*|deadline exceeded"),
    "connection refused": (
        "refus",
        r"connections? refused|econnrefused|refus(?:es|ed|ing) connections?",
    ),
    "connection reset": ("reset broken", r"connections? reset|econnreset|broken pipe"),
    "connections exhausted": (
        "exhausted many",
        r"(?:connection )?pool (?:is |was )?exhausted|too many connections",
    ),
    "high latency": (
        "latenc response",
        r"(?:high|elevated|increased) (?:latenc\w+|response times?)|latency spike\w*",
    ),
    "slow": ("slow degraded", r"slow(?:ness|ly|er|down)?|degraded performance"),
    "server errors": (
        "5 gateway server unavailable",
        r"(?:http )?5(?:\d\d|xx)s?(?: errors?| responses?)|bad gateway"
        r"|internal server errors?|service unavailable",
    ),
    "high error rate": (
        "error failure",
        r"(?:high|elevated|increased) (?:error rates?|errors|failure rates?)",
    ),
    "crash": (
        "crash segfault segmentation core",
        r"crash(?:es|ed|ing)?|crashloopbackoff|segfault\w*|segmentation fault|core dump\w*",
    ),
    "restart loop": ("loop restarting", r"restart loop|crash[- ]?loop\w*|keeps? restarting"),
    "unavailable": (
        "available un respon outage down",
        r"(?:un|not )available|unreachable|unresponsive|not respond\w*|outage"
        r"|(?:is|was|are|were|went|goes) down",
    ),
    "data lag": (
        "lag behind",
        r"(?:consumer |replication )?lag(?:s|ging)?\b|behind (?:the )?(?:primary|master)",
    ),
    "queue backlog": ("backlog queue", r"backlog|queues? (?:\w+ )?(?:grow\w*|full|depth)"),
    "certificate expired": ("expir", r"certificates? (?:\w+ )?expir\w+|expired certificates?"),
    "login fails": (
        "log sign authentication",
        r"(?:can ?not|can't|unable to|fail(?:s|ed)? to) (?:log|sign)[- ]?in"
        r"|log-?in fail\w*|authentication (?:errors?|fail\w*)",
    ),
    "permission denied": (
        "denied forbidden unauthori",
        r"permission denied|access denied|forbidden|unauthori[sz]ed",
    ),
    "packet loss": ("packet partition", r"packet loss|dropped packets|network partition\w*"),
    "name resolution fails": (
        "resolution nxdomain host",
        r"(?:name|dns) resolution|nxdomain|unknown host|no such host",
    ),
    "deadlock": ("lock", r"dead-?lock\w*|lock (?:wait )?timeout\w*"),
    "health check fails": (
        "probe check",
        r"(?:health|liveness|readiness)[- ]?(?:checks?|probes?) fail\w*",
    ),
    "rate limited": ("limit throttl many", r"rate[- ]limit\w*|throttl\w+|too many requests"),
    "corrupt data": ("corrupt checksum", r"corrupt\w*|checksum (?:error|mismatch)\w*"),
}
#: How trouble shows: a name for each symptom, bits of words of which one must be there for the
#: expression to be worth trying, and how reports say it.
SYMPTOMS = {
    name: (tuple(bits.split()), re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for name, (bits, words) in _SYMPTOMS.items()
}

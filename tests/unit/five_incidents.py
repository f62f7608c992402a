"""Three incidents of one search engine beside one of a web server and one of a cache, told anew."""

from datetime import UTC, datetime

from chalicelib.core.incidents import Incident, IncidentReport, incident_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SEARCH_ENGINE = [0, 1, 2]


def _incidents(*reports: dict) -> list[Incident]:
    return [
        incident_of(IncidentReport(**report), f"inc-{number}", NOW)
        for number, report in enumerate(reports)
    ]


def _told(title: str, description: str, resolution: str, **lists: list[str]) -> dict:
    return {"title": title, "description": description, "resolution": resolution, **lists}


#: Only title, description and resolution.
TERSE = _incidents(
    _told(
        "Elasticsearch slow query performance",
        "Search queries take more than ten seconds and CPU usage of the cluster is high",
        "1. Checked cluster health\n2. Restarted the elasticsearch service\n3. Cleared the cache",
    ),
    _told(
        "Elasticsearch service unresponsive",
        "The elasticsearch service does not answer requests any more",
        "Checked service status and disk space with df -h, then restarted elasticsearch",
    ),
    _told(
        "Elasticsearch out of memory",
        "Elasticsearch died with an OutOfMemoryError",
        "Raised the heap size in jvm.options and restarted the service",
    ),
    _told(
        "Nginx 504 gateway timeout",
        "Users see gateway timeout errors from the web server",
        "Raised proxy_read_timeout and reloaded nginx",
    ),
    _told(
        "Redis connection refused",
        "The application cannot connect to the redis cache",
        "Restarted the redis server and raised maxclients",
    ),
)

#: Every list filled in.
FULL = _incidents(
    _told(
        "Elasticsearch cluster slow, CPU at 95%",
        "Dashboards load slowly. Elasticsearch data nodes use all their CPU.",
        "Restarted the nodes one by one and cleared the field data cache.",
        affected_systems=["elasticsearch", "kibana"],
        symptoms=["slow queries", "high CPU usage"],
        error_messages=["SearchTimeoutException: took 30s"],
    ),
    _told(
        "Elasticsearch not responding",
        "Health endpoint of Elasticsearch times out on es-node-02.",
        "systemctl status elasticsearch; df -h showed enough space; restarted it.",
        affected_systems=["elasticsearch"],
        symptoms=["service unresponsive", "timeouts"],
        error_messages=["ConnectionTimeout: Read timed out"],
    ),
    _told(
        "Elasticsearch OOM killed",
        "The JVM of Elasticsearch ran out of heap and was killed.",
        "Set -Xmx8g and restarted.",
        affected_systems=["elasticsearch"],
        symptoms=["process killed", "memory usage 100%"],
        error_messages=["java.lang.OutOfMemoryError: Java heap space"],
    ),
    _told(
        "Nginx gateway timeouts",
        "504 from the load balancer for one request in five.",
        "Increased upstream timeouts.",
        affected_systems=["nginx", "api"],
        symptoms=["504 errors", "slow responses"],
        error_messages=["upstream timed out (110: Connection timed out)"],
    ),
    _told(
        "Redis connection failures",
        "Workers lose their connection to Redis under load.",
        "Raised maxclients and restarted redis.",
        affected_systems=["redis"],
        symptoms=["connection errors", "timeouts"],
        error_messages=["ConnectionError: Error 111 connecting to redis:6379"],
    ),
)

#: The product is named by its system only in part, and its name is never alone in a title.
PRODUCTION = _incidents(
    _told(
        "High query latency in production Elasticsearch cluster",
        "Users report slow search. CPU of the production cluster is above 90 percent.",
        "Service was restarted after checking its status, caches were cleared.",
        affected_systems=["elasticsearch-prod"],
        symptoms=["slow queries", "high cpu"],
    ),
    _told(
        "Production Elasticsearch service is down",
        "Service unresponsive in production, all health checks fail.",
        "Checked the disk space, restarted the service, verified cluster health.",
        affected_systems=["elasticsearch-prod"],
        symptoms=["unresponsive", "health check failing"],
    ),
    _told(
        "Elasticsearch node crashed with memory error",
        "A node left the production cluster after running out of memory.",
        "Heap size raised, service restarted.",
        affected_systems=["elasticsearch-prod"],
        symptoms=["out of memory"],
    ),
    _told(
        "Production web server returns 504",
        "Nginx reports a gateway timeout while users wait in production.",
        "Restarted the upstream service and checked its status.",
        affected_systems=["nginx-prod"],
        symptoms=["gateway timeout", "slow pages"],
    ),
    _told(
        "Redis connection pool exhausted in production",
        "Service cannot get a connection to Redis, health checks fail.",
        "Restarted the service and checked memory.",
        affected_systems=["redis-prod"],
        symptoms=["connection refused"],
    ),
)

#: Systems, but neither symptoms nor error messages; long descriptions.
WORDY = _incidents(
    _told(
        "Slow searches on Elasticsearch",
        "Since the morning our customers have complained that searching the catalogue takes very "
        "long. The search cluster shows a high load and its processors are busy all the time, "
        "while the number of requests is no higher than on other days.",
        "Restarted the service, cleared caches, and latency went back to normal.",
        affected_systems=["Elasticsearch"],
    ),
    _told(
        "Elasticsearch does not respond",
        "Monitoring called at night: no answer from the search service on any port. The logs "
        "stop about an hour before. Nobody had deployed anything.",
        "Looked at the disk (df -h), which had room, and restarted elasticsearch.",
        affected_systems=["Elasticsearch"],
    ),
    _told(
        "Elasticsearch crashes for want of memory",
        "A reindexing job was started and minutes later the process was gone. The kernel log "
        "tells of the OOM killer, the garbage collector had been running for long.",
        "Gave it a larger heap (4g to 8g) and started it again.",
        affected_systems=["Elasticsearch"],
    ),
    _told(
        "504 Gateway Timeout from Nginx",
        "Customers complained about error pages in the shop. The logs of the proxy tell that "
        "the service behind it takes too long to answer, mostly at night.",
        "Increased the proxy timeouts and reloaded Nginx.",
        affected_systems=["Nginx"],
    ),
    _told(
        "Redis refuses connections",
        "The session service logs that it cannot open connections; the number of clients had "
        "reached the limit after a deployment started many more processes.",
        "Raised maxclients and restarted Redis.",
        affected_systems=["Redis"],
    ),
)

#: The product's name stands in the titles, and nowhere else.
NAMED_ONCE = _incidents(
    _told(
        "Elasticsearch slow queries",
        "Queries take over 30 seconds and the nodes show high CPU usage",
        "Restarted the cluster and cleared the query cache",
    ),
    _told(
        "Elasticsearch unresponsive",
        "The service stopped answering, health check fails with a timeout",
        "Checked disk space with `df -h`, restarted with `sudo systemctl restart elasticsearch`",
    ),
    _told(
        "Elasticsearch OutOfMemoryError",
        "JVM heap exhausted, the process died",
        "Increased the heap size and restarted",
    ),
    _told(
        "Nginx 504 errors",
        "Gateway timeout on the API, backend service is slow",
        "Increased the timeout and restarted nginx",
    ),
    _told(
        "Redis connection errors",
        "Clients fail with connection refused",
        "Restarted redis",
    ),
)

VARIANTS = {
    "named once": NAMED_ONCE,
    "terse": TERSE,
    "full": FULL,
    "production": PRODUCTION,
    "wordy": WORDY,
}

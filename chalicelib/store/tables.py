"""The DynamoDB tables as PynamoDB sees them; `docs/keys.md` has the keys and who reads by them.

An item holds its keys and one JSON document, so a change of what we keep is no change of a table.
"""

from typing import Self

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.settings import deployment
from chalicelib.store import objects


class Item(Model):
    """What every table's items have: two keys, a document, and a revision to lock on."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    document = UnicodeAttribute(null=True)
    #: Where in S3 the document is when it is too large for an item (see `Transaction.put`).
    object_key = UnicodeAttribute(null=True)
    revision = NumberAttribute(default=1)

    @classmethod
    def find(cls, pk: str, sk: str) -> Self | None:
        """The item with these keys as it stands at this moment, None where there is none."""
        try:
            return cls.get(pk, sk, consistent_read=True)
        except cls.DoesNotExist:
            return None

    @property
    def text(self) -> str:
        """The document, wherever it is kept."""
        if self.object_key:
            return objects.read(self.object_key).decode()
        return self.document or ""


class ByDay(GlobalSecondaryIndex["IncidentItem"]):
    """A scope's incidents of one day, in the order they were opened."""

    class Meta:
        """Where it is."""

        index_name = "by_day"
        projection = AllProjection()

    day = UnicodeAttribute(hash_key=True)
    day_sk = UnicodeAttribute(range_key=True)


class IncidentItem(Item):
    """Incidents, tickets behind them, and the markers that say which scopes and days there are."""

    class Meta:
        """Where it is."""

        table_name = deployment().table("incidents")

    day = UnicodeAttribute(null=True)
    day_sk = UnicodeAttribute(null=True)
    by_day = ByDay()


class PatternsByScope(GlobalSecondaryIndex["PatternItem"]):
    """A scope's patterns of one state, most frequent first."""

    class Meta:
        """Where it is."""

        index_name = "by_scope"
        projection = AllProjection()

    scope = UnicodeAttribute(hash_key=True)
    scope_sk = UnicodeAttribute(range_key=True)


class PatternItem(Item):
    """Patterns and, in chunks, their members, with what people think of what came of them."""

    class Meta:
        """Where it is."""

        table_name = deployment().table("patterns")

    scope = UnicodeAttribute(null=True)
    scope_sk = UnicodeAttribute(null=True)
    #: The analysis that wrote the members that count; other chunks are leftovers.
    members_run = UnicodeAttribute(null=True)
    #: The latest suggestion made of this pattern.
    suggestion_id = UnicodeAttribute(null=True)
    by_scope = PatternsByScope()


class AnalysisItem(Item):
    """Analysis runs, what is kept of each scope as a whole, and the people who are to be erased."""

    class Meta:
        """Where it is."""

        table_name = deployment().table("analyses")


class SuggestionsByScope(GlobalSecondaryIndex["SuggestionItem"]):
    """A scope's suggestions by the time they were made, and those that somebody is to decide on."""

    class Meta:
        """Where it is."""

        index_name = "by_scope"
        projection = AllProjection()

    scope = UnicodeAttribute(hash_key=True)
    scope_sk = UnicodeAttribute(range_key=True)


class SuggestionsByStatus(GlobalSecondaryIndex["SuggestionItem"]):
    """A scope's suggestions of one status: by the time they were made, and as they are listed."""

    class Meta:
        """Where it is."""

        index_name = "by_status"
        projection = AllProjection()

    scope_status = UnicodeAttribute(hash_key=True)
    scope_sk = UnicodeAttribute(range_key=True)


class SuggestionItem(Item):
    """Suggestions, with what was decided, changed and said of each."""

    class Meta:
        """Where it is."""

        table_name = deployment().table("suggestions")

    scope = UnicodeAttribute(null=True)
    scope_sk = UnicodeAttribute(null=True)
    scope_status = UnicodeAttribute(null=True)
    by_scope = SuggestionsByScope()
    by_status = SuggestionsByStatus()


class PlaybooksByScope(GlobalSecondaryIndex["PlaybookItem"]):
    """A scope's playbooks by the time they last changed."""

    class Meta:
        """Where it is."""

        index_name = "by_scope"
        projection = AllProjection()

    scope = UnicodeAttribute(hash_key=True)
    scope_sk = UnicodeAttribute(range_key=True)


class PlaybookItem(Item):
    """Playbooks, with their versions, executions and exports, and what the executions add up to."""

    class Meta:
        """Where it is."""

        table_name = deployment().table("playbooks")

    scope = UnicodeAttribute(null=True)
    scope_sk = UnicodeAttribute(null=True)
    by_scope = PlaybooksByScope()


class RecommendationItem(Item):
    """Recommendations, what was said of them, and what none was found for; deleted by TTL."""

    class Meta:
        """Where it is."""

        table_name = deployment().table("recommendations")

    expires_at = NumberAttribute(null=True)


class AgentItem(Item):
    """The registered agents with their inboxes, and with whom scopes share."""

    class Meta:
        """Where it is."""

        table_name = deployment().table("agents")

    #: When an agent last called; changed without touching the rest.
    last_seen_at = UnicodeAttribute(null=True)
    #: Of what is in an inbox alone.
    expires_at = NumberAttribute(null=True)


class OutboxItem(Item):
    """Events that are not yet on the bus, and messages that are not yet in the workers' queue."""

    class Meta:
        """Where it is."""

        table_name = deployment().table("outbox")


class AuditByEntity(GlobalSecondaryIndex["AuditItem"]):
    """What was done to an entity, in the order of its scope's trail."""

    class Meta:
        """Where it is."""

        index_name = "by_entity"
        projection = AllProjection()

    entity = UnicodeAttribute(hash_key=True)
    entity_sk = UnicodeAttribute(range_key=True)


class AuditItem(Item):
    """Who did what to which entity, and when: each scope's trail, and where it ends."""

    class Meta:
        """Where it is."""

        table_name = deployment().table("audit")

    entity = UnicodeAttribute(null=True)
    entity_sk = UnicodeAttribute(null=True)
    by_entity = AuditByEntity()


class TokenItem(Item):
    """The hashes of tokens, what each may do and how often it is used, and requests with a key."""

    class Meta:
        """Where it is."""

        table_name = deployment().table("tokens")

    expires_at = NumberAttribute(null=True)

"""The same request again: what routes and use cases need of `store.repeats`."""

from chalicelib.store.repeats import new_id as new_id
from chalicelib.store.repeats import repeatable as repeatable

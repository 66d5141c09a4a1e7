"""Column: who answers, and in which settings this column differs from the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from gateway.conversation.terms import Terms
from gateway.providers import provider_of

MOST_COLUMNS = 4
STARTERS = ("openai", "anthropic", "google-ai-studio", "workers-ai")
"""Providers of the first columns, in the order in which columns are added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Who answers in one column.

    Attributes:
        name: What this column tries, such as "Cached"; empty for a column that is just a model.
        own: Settings in which it differs: name -> value. All others are the same for all columns.
    """

    id: int
    provider: str
    model: str
    name: str = ""
    own: Mapping[str, Any] = field(default_factory=dict)

    def terms(self, shared: Terms) -> Terms:
        """Return how this column asks, given what holds for all."""
        return shared.changed(self.own)

    def differing(self, name: str, value: Any) -> Self:
        """Return this column with a value of its own for one setting."""
        return replace(self, own={**self.own, name: value})

    def agreeing(self, name: str) -> Self:
        """Return this column with the value that holds for all in one setting."""
        return replace(self, own={key: value for key, value in self.own.items() if key != name})

    @property
    def takes_pictures(self) -> bool:
        """Whether the model takes pictures. Of a model that isn't in the table, it's assumed."""
        row = provider_of(self.provider)
        models = row.models if row is not None else ()
        return next((model.vision for model in models if model.id == self.model), True)

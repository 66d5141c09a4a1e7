"""GraphQL documents, read into plain fields: variables, fragments and directives are settled.

Types of variables aren't checked: clients write ``string!`` or ``String!``, ``Time`` or ``String``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLError, value_from_ast_untyped
from graphql.language import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
)

Json = Any
TOKENS = 10_000
"""Longest document that is read, in words and signs."""
LENGTH = 65_536
"""The same in characters."""
FIELDS = 1_000
"""Most fields of a document, those of fragments counted as often as they are used."""


class QueryError(ValueError):
    """A query that can't be answered; the words are for its writer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """One field that a query asks for.

    Attributes:
        key: Its name in the answer: its alias, where it has one.
    """

    name: str
    key: str
    arguments: Mapping[str, Json]
    fields: tuple["Selected", ...]


def selected(
    query: str, variables: Mapping[str, Json], operation: str | None = None
) -> tuple[Selected, ...]:
    """Read a query.

    Args:
        operation: Which one is meant, where the document holds several.

    Raises:
        QueryError: it isn't GraphQL, or uses what isn't there.
    """
    try:
        return _Reader(
            parse(query, max_lexical_tokens=TOKENS, max_source_length=LENGTH), variables, operation
        ).fields()
    except GraphQLError as error:
        raise QueryError(error.message) from error
    except RecursionError as error:
        raise QueryError("The query is nested too deeply.") from error


class _Reader:
    def __init__(
        self, document: DocumentNode, variables: Mapping[str, Json], operation: str | None
    ) -> None:
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._operation = _operation(document, operation)
        self._variables = _variables(self._operation, variables)
        self._count = 0

    def fields(self) -> tuple[Selected, ...]:
        return self._fields(self._operation.selection_set, ())

    def _fields(
        self, selections: SelectionSetNode | None, inside: tuple[str, ...]
    ) -> tuple[Selected, ...]:
        return _merged(
            Selected(
                name=node.name.value,
                key=node.alias.value if node.alias else node.name.value,
                arguments={
                    each.name.value: self._value(each.value) for each in node.arguments or ()
                },
                fields=self._fields(node.selection_set, inside),
            )
            for node in self._flat(selections, inside)
        )

    def _flat(
        self, selections: SelectionSetNode | None, inside: tuple[str, ...]
    ) -> Iterator[FieldNode]:
        """Yield the fields that are wanted, those of fragments among them."""
        for node in selections.selections if selections is not None else ():
            self._count += 1
            if self._count > FIELDS:
                raise QueryError(f"The query has more than {FIELDS} fields.")
            if not self._wanted(node.directives):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._flat(node.selection_set, inside)
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                fragment = self._fragments.get(name)
                if fragment is None or name in inside:
                    raise QueryError(f'Unknown or endless fragment "{name}".')
                yield from self._flat(fragment.selection_set, (*inside, name))

    def _wanted(self, directives: tuple[DirectiveNode, ...] | None) -> bool:
        for directive in directives or ():
            name = directive.name.value
            given = {each.name.value: self._value(each.value) for each in directive.arguments or ()}
            if name not in ("include", "skip") or not isinstance(given.get("if"), bool):
                raise QueryError(f'Directive "@{name}" can\'t be used like this.')
            if given["if"] != (name == "include"):
                return False
        return True

    def _value(self, node: ValueNode) -> Json:
        if isinstance(node, VariableNode) and node.name.value not in self._variables:
            raise QueryError(f'Variable "${node.name.value}" is not defined.')
        return value_from_ast_untyped(node, self._variables)


def _merged(fields: Iterable[Selected]) -> tuple[Selected, ...]:
    """Return each key once: fields of the same key become one, as GraphQL has it."""
    found: dict[str, Selected] = {}
    for field in fields:
        known = found.get(field.key)
        if known is not None:
            if (known.name, known.arguments) != (field.name, field.arguments):
                raise QueryError(f'Fields "{field.key}" conflict: give them different aliases.')
            field = replace(known, fields=_merged((*known.fields, *field.fields)))
        found[field.key] = field
    return tuple(found.values())


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        and (name is None or (node.name is not None and node.name.value == name))
    ]
    if len(found) != 1:
        raise QueryError("The document must hold one operation, or operationName name one of them.")
    if found[0].operation.value != "query":
        raise QueryError("Only queries are answered.")
    return found[0]


def _variables(operation: OperationDefinitionNode, given: Mapping[str, Json]) -> dict[str, Json]:
    """Return the operation's variables; one that is optional and not given is null."""
    values: dict[str, Json] = {}
    for node in operation.variable_definitions or ():
        name = node.variable.name.value
        if name in given:
            values[name] = given[name]
        elif node.default_value is not None:
            values[name] = value_from_ast_untyped(node.default_value)
        else:
            values[name] = None
        if values[name] is None and isinstance(node.type, NonNullTypeNode):
            raise QueryError(f'Variable "${name}" of a required type was not provided.')
    return values

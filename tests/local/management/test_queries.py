"""queries: GraphQL documents as plain fields, whatever they are written with."""

import pytest

from gateway.local.management.queries import QueryError, selected

VARIABLES = {"tag": "abc", "deep": True}


def plain(fields):
    """Spell fields as nested tuples: (key, name, arguments, fields)."""
    return [
        (each.key, each.name, dict(each.arguments), plain(each.fields))
        if each.arguments or each.fields
        else (each.key, each.name)
        for each in fields
    ]


READ = [
    ("{ a }", [("a", "a")]),
    ("query { other: a }", [("other", "a")]),
    (
        "{ a(x: 1, y: 2.5, z: ok, w: [true, null]) }",
        [("a", "a", {"x": 1, "y": 2.5, "z": "ok", "w": [True, None]}, [])],
    ),
    (
        "query Q($tag: string!) { a(filter: {tag: $tag}) }",
        [("a", "a", {"filter": {"tag": "abc"}}, [])],
    ),
    (
        "query ($tag: String!, $n: uint64 = 5) { a(n: $n, t: $tag) }",
        [("a", "a", {"n": 5, "t": "abc"}, [])],
    ),
    ("query ($none: Time) { a(x: $none) }", [("a", "a", {"x": None}, [])]),
    ("{ a { ...F } } fragment F on X { b c: d }", [("a", "a", {}, [("b", "b"), ("c", "d")])]),
    ("{ a { ... on X { b } ... { c } } }", [("a", "a", {}, [("b", "b"), ("c", "c")])]),
    ("query ($deep: Boolean!) { a @include(if: $deep) b @skip(if: $deep) }", [("a", "a")]),
    ("{ a { b } a { c } }", [("a", "a", {}, [("b", "b"), ("c", "c")])]),
    (
        "{ a { b { c } } a { b { d } } }",
        [("a", "a", {}, [("b", "b", {}, [("c", "c"), ("d", "d")])])],
    ),
]
REFUSED = [
    ("", "Syntax Error"),
    ("{ a(", "Syntax Error"),
    ("mutation { a }", "Only queries"),
    ("query A { a } query B { b }", "operationName"),
    ("query ($x: Int!) { a(x: $x) }", r"\$x.*not provided"),
    ("{ a(x: $y) }", r"\$y.*not defined"),
    ("{ ...F }", '"F"'),
    ("{ ...F } fragment F on X { ...F }", '"F"'),
    ("{ a { ...F } } fragment F on X { a { ...F } }", "fields|deeply"),
    ("{ a: b a: c }", "conflict"),
    ("{ a(x: 1) a(x: 2) }", "conflict"),
    ("{ a @upper }", "@upper"),
    ("{ a @include(if: 5) }", "@include"),
    ("{ a " * 5_000, "deeply|limit|tokens"),
    ("{" + "a " * 20_000 + "}", "tokens"),
    ("{" + "a(x: " + "[" * 5_000, ".+"),
]


@pytest.mark.parametrize(("query", "fields"), READ)
def test_document_is_read(query, fields):
    """Aliases, arguments, variables of any type, fragments, directives."""
    assert plain(selected(query, VARIABLES)) == fields


@pytest.mark.parametrize(("query", "words"), REFUSED)
def test_document_is_refused_with_a_reason(query, words):
    """Nothing that is written there can hold up the gateway."""
    with pytest.raises(QueryError, match=words):
        selected(query, {})


def test_operation_is_chosen_by_name():
    """A document may hold several."""
    document = "query A { a } query B { b }"

    assert plain(selected(document, {}, "B")) == [("b", "b")]
    with pytest.raises(QueryError):
        selected(document, {}, "C")

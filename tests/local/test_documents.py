"""documents: kept as they were given, by kind, gateway and id."""

import pytest
from sqlalchemy import create_engine

from gateway.errors import LocalGatewayError
from gateway.local.documents import Documents

FIRST, SECOND = {"id": "1", "name": "first"}, {"id": "2", "name": "second"}


@pytest.fixture
def base(tmp_path):
    return create_engine(f"sqlite:///{tmp_path / 'some.db'}")


@pytest.fixture
def documents(base):
    return Documents(base)


def test_all_is_there_when_opened_again(documents, base):
    """In the order of making; a second one under the same id replaces the first."""
    documents.put("dataset", SECOND, "g")
    documents.put("dataset", {**FIRST, "name": "old"}, "g")
    documents.put("dataset", FIRST, "g")

    assert Documents(base).all("dataset", "g") == [FIRST, SECOND]
    assert Documents(base).get("dataset", "2", "g") == SECOND


def test_kinds_and_gateways_are_apart(documents):
    """The same id may be there once in each."""
    documents.put("dataset", FIRST, "g")
    documents.put("route", FIRST, "g")
    documents.put("dataset", SECOND, "other")
    documents.delete("route", "1", "g")

    assert documents.all("dataset", "g") == [FIRST]
    assert documents.all("dataset", None) == [FIRST, SECOND]
    assert documents.get("dataset", "1") is None
    assert documents.all("route", "g") == []


def test_gateway_takes_its_documents_along(documents):
    """Those of the account stay."""
    documents.put("dataset", FIRST, "g")
    documents.put("custom-provider", SECOND)

    documents.forget_gateway("g")

    assert documents.all("dataset", None) == []
    assert documents.all("custom-provider") == [SECOND]


def test_database_that_refuses_is_one_sentence(base):
    """Above the store nobody knows SQLAlchemy."""
    documents = Documents(base)
    with base.begin() as connection:
        connection.exec_driver_sql("DROP TABLE documents")

    with pytest.raises(LocalGatewayError, match="database refuses"):
        documents.all("dataset")

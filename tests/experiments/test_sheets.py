"""Tables keep their values and types in other programs' files."""

import io
import zipfile

import pandas as pd
import pytest

from gateway.errors import BadRequest
from gateway.experiments import rows, sheets


def test_csv_comes_back_with_equal_dtypes(exported):
    """Values and types, unknown ones included."""
    again = sheets.from_csv(sheets.to_csv(exported.requests))

    assert again.dtypes.astype(str).to_dict() == exported.requests.dtypes.astype(str).to_dict()
    pd.testing.assert_frame_equal(again, exported.requests, check_categorical=False)


@pytest.mark.parametrize(
    ("data", "words"), [(b"a,b\n1,2\n", "lacks the column"), (b"", "isn't a table")]
)
def test_other_tables_are_refused(data, words):
    """With the name of what is missing."""
    with pytest.raises(BadRequest, match=words):
        sheets.from_csv(data)


def test_parquet_keeps_rows_and_types(exported):
    """As other programs read them; a column without any value has no categories to keep."""
    parquet = pd.read_parquet(io.BytesIO(sheets.to_parquet(exported.requests)))

    filled = exported.requests.dropna(axis=1, how="all")
    assert list(parquet.columns) == list(exported.requests.columns)
    pd.testing.assert_frame_equal(parquet[filled.columns], filled, check_categorical=False)


def test_workbook_has_a_sheet_for_each_table(exported):
    """With the same number of rows."""
    tables = {"requests": exported.requests, "summary": exported.summary}

    book = zipfile.ZipFile(io.BytesIO(sheets.to_xlsx(tables)))

    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == len(exported.requests) + 1
    assert 'name="summary"' in book.read("xl/workbook.xml").decode()


def test_text_in_a_workbook_is_never_a_formula():
    """Answers and errors come from elsewhere."""
    table = rows.table([{"seq": 0, "error_msg": "=HYPERLINK(1)"}])

    book = zipfile.ZipFile(io.BytesIO(sheets.to_xlsx({"requests": table})))

    assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


def test_table_longer_than_a_sheet_is_refused():
    """With what to take instead."""
    long = pd.DataFrame({"n": range(sheets.SHEET_ROWS + 1)})

    with pytest.raises(BadRequest, match="export CSV or Parquet instead"):
        sheets.to_xlsx({"requests": long})


def test_archive_has_a_file_for_each_table(exported):
    """As its writer makes them."""
    tables = {"requests": exported.requests, "summary": exported.summary}

    archive = zipfile.ZipFile(io.BytesIO(sheets.zipped(tables, ".csv", sheets.to_csv)))

    assert archive.namelist() == ["requests.csv", "summary.csv"]
    assert archive.read("requests.csv") == sheets.to_csv(exported.requests)

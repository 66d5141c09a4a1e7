"""Tables of a run as files of other programs: CSV, Parquet, workbooks."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from gateway.errors import BadRequest
from gateway.experiments import rows

SHEET_ROWS = 1_048_575
"""Rows that a sheet of a workbook holds below its heading."""
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False}
"""A text that begins with "=" or "http" stays a text: answers and errors come from elsewhere."""


def to_csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV; ``from_csv`` gives it back with equal dtypes."""
    return table.to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%S.%f%z").encode()


def from_csv(data: bytes) -> pd.DataFrame:
    """Read a requests table as ``to_csv`` writes it.

    Raises:
        BadRequest: a column is missing, or a value doesn't fit its column.
    """
    try:
        found = pd.read_csv(io.BytesIO(data), dtype="string", keep_default_na=False)
    except (ValueError, pd.errors.ParserError) as error:
        raise BadRequest(f"The file isn't a table: {error}") from error
    if missing := sorted(set(rows.COLUMNS) - set(found.columns)):
        raise BadRequest(f"The table lacks the column {missing[0]!r}.")
    columns = {}
    for name, dtype in rows.COLUMNS.items():
        texts = found[name].where(found[name] != "", pd.NA)
        try:
            columns[name] = _typed(texts, dtype)
        except (ValueError, TypeError) as error:
            raise BadRequest(f"Column {name!r} holds what it can't: {error}") from error
    return pd.DataFrame(columns)


def _typed(texts: "pd.Series[Any]", dtype: str) -> "pd.Series[Any]":
    values: Any = texts
    if dtype.startswith("datetime"):
        values = pd.to_datetime(texts, utc=True, format="ISO8601")
    elif dtype == "boolean":
        values = texts.map({"True": True, "False": False})
    elif dtype not in ("string", "category"):
        values = pd.to_numeric(texts)
    return pd.Series(values, dtype=dtype)


def to_parquet(table: pd.DataFrame) -> bytes:
    """Return a table as Parquet, dtypes included."""
    return table.to_parquet(index=False)


def to_xlsx(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return tables as the sheets of one workbook.

    Raises:
        BadRequest: a table has more rows than a sheet can hold.
    """
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine="xlsxwriter", engine_kwargs={"options": PLAIN}) as book:
        for name, table in tables.items():
            if len(table) > SHEET_ROWS:
                raise BadRequest(
                    f"{len(table):,} rows don't fit in a sheet: export CSV or Parquet instead."
                )
            plain = table.copy()
            for column in plain.select_dtypes("datetimetz").columns:
                plain[column] = plain[column].dt.tz_localize(None)  # sheets know no time zones
            plain.to_excel(book, sheet_name=name[:31], index=False)
            book.sheets[name[:31]].freeze_panes(1, 0)
    return out.getvalue()


def zipped(
    tables: Mapping[str, pd.DataFrame], ending: str, write: Callable[[pd.DataFrame], bytes]
) -> bytes:
    """Return an archive with a file for each table.

    Args:
        write: Makes one file of one table.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in tables.items():
            archive.writestr(f"{name}{ending}", write(table))
    return out.getvalue()

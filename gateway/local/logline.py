"""A log row as one line of JSON: how it waits in the tail until the database takes it.

A line is an array with a value for each column, or one of such an array and what is kept beside it.
What is bytes in the database is text in it, one character for each byte, because JSON has no bytes
and bodies may be of any kind.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

Json = Any
Row = tuple[Json, ...]


class LineFormat:
    """How rows of one table are written as lines, and read.

    Args:
        binary: Which places of a row hold bytes.
    """

    def __init__(self, binary: Sequence[int]) -> None:
        self._binary = tuple(binary)

    def line(self, row: Sequence[Json], beside: Json = None) -> bytes:
        """Write a row as a line, its end included.

        Args:
            beside: What else whoever reads the line needs.
        """
        plain = self._plain(row)
        return orjson.dumps(
            plain if beside is None else [plain, beside], option=orjson.OPT_APPEND_NEWLINE
        )

    def form(self, row: Sequence[Json], gaps: Sequence[int]) -> "Form":
        """Return what rows have in common that differ in some places only.

        Args:
            gaps: These places, in ascending order.
        """
        cells = [orjson.dumps(value).replace(b"%", b"%%") for value in self._plain(row)]
        for gap in gaps:
            cells[gap] = b"%b"
        return Form(b"[" + b",".join(cells) + b"]\n")

    def rows(self, lines: Iterable[bytes]) -> Iterator[tuple[Row, Json]]:
        """Read lines: yield rows, each with what is beside it.

        A line that was cut off in the middle is left out: nobody was told about it.
        """
        for line in lines:
            try:
                values = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            values, beside = values if isinstance(values[0], list) else (values, None)
            # A row that an older version left lacks the columns that came since, at its end.
            values.extend([None] * (max(self._binary, default=-1) + 1 - len(values)))
            for place in self._binary:
                if values[place] is not None:
                    values[place] = values[place].encode("latin-1")
            yield tuple(values), beside

    def _plain(self, row: Sequence[Json]) -> list[Json]:
        values = list(row)
        for place in self._binary:
            if values[place] is not None:
                values[place] = values[place].decode("latin-1")
        return values


class Form:
    """The line of rows that are alike but for some places, ready but for these."""

    def __init__(self, pattern: bytes) -> None:
        self._pattern = pattern

    def line(self, *values: Json) -> bytes:
        """Fill the gaps, in their order. A place that holds bytes takes them as text."""
        return self._pattern % tuple(map(orjson.dumps, values))

    def __len__(self) -> int:
        return len(self._pattern)

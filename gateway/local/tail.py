"""The tail of the log: rows that were answered and aren't in the database yet, safe on disk.

A row is appended here before its caller gets the last byte, so that a process that is killed loses
no row that anybody was told about. The store then moves rows into the database in batches:

    append append append | begin: a new segment, the old one's rows are written to the database
                         | done:  the old segment is deleted

What is left of segments at the next start is read back. One line is one row; a line that was cut
off in the middle is dropped, since nobody was told about it.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

Json = Any
Row = tuple[Json, ...]
SUFFIX = ".tail"


class Tail:
    """The segments of one data directory.

    Args:
        binary: Which places of a row hold bytes.
    """

    def __init__(self, directory: Path, binary: Sequence[int]) -> None:
        self._directory = directory
        self._binary = tuple(binary)
        self._number = 0
        self._file = -1
        self._path = directory

    def left(self) -> list[Row]:
        """Return the rows that an earlier process left, oldest first."""
        rows: list[Row] = []
        for path in sorted(self._directory.glob(f"*{SUFFIX}")):
            self._number = max(self._number, int(path.stem))
            rows.extend(self._read(path))
        return rows

    def forget_left(self) -> None:
        """Delete what an earlier process left, once its rows are in the database."""
        for path in self._directory.glob(f"*{SUFFIX}"):
            path.unlink()

    def append(self, row: Sequence[Json]) -> None:
        """Write one row through to the operating system.

        Raises:
            OSError: the disk is full or gone; nothing of the row counts.
        """
        if self._file < 0:
            self._open()
        values = list(row)
        for place in self._binary:
            if values[place] is not None:
                values[place] = values[place].decode("latin-1")
        line = orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)
        written = os.write(self._file, line)
        if written != len(line):
            # A line of its own keeps the next row readable.
            os.write(self._file, b"\n")
            raise OSError("the disk is full")

    def begin(self) -> Path | None:
        """Start a new segment and return the one before, or ``None`` where it has no rows."""
        if self._file < 0:
            return None
        before, file, self._file = self._path, self._file, -1
        os.close(file)
        return before

    def done(self, segment: Path | None) -> None:
        """Delete a segment whose rows are in the database."""
        if segment is not None:
            segment.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the segment that is open; its rows stay for the next start."""
        self.begin()

    def _open(self) -> None:
        self._number += 1
        self._path = self._directory / f"{self._number:08}{SUFFIX}"
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _read(self, path: Path) -> list[Row]:
        rows: list[Row] = []
        for line in path.read_bytes().splitlines():
            try:
                values = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            for place in self._binary:
                if values[place] is not None:
                    values[place] = values[place].encode("latin-1")
            rows.append(tuple(values))
        return rows

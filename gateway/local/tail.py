"""The tail of the log: rows that were answered and aren't in the database yet, safe on disk.

A row is put here before its caller gets the last byte, so that a process that is killed loses no
row that anybody was told about. The store then moves rows into the database in batches:

    append append append | begin: the next row opens a new segment; the rows so far are written
                         |        to the database
                         | done:  the old segments are deleted

What is left of segments at the next start is read back. One line is one row; a line that was cut
off in the middle is dropped, since nobody was told about it.

A segment is a file of zeros that is mapped into memory, so that a row costs no system call: what
is written to the mapping is the operating system's, even if the process is killed in the next
moment. The zeros are written first because only a write is told that the disk is full; a mapping
would be killed.
"""

import mmap
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

Json = Any
Row = tuple[Json, ...]
SUFFIX = ".tail"
SEGMENT = 256 * 1024
"""Bytes of a segment; a row that is larger has one to itself."""


class Tail:
    """The segments of one data directory.

    Args:
        binary: Which places of a row hold bytes.
        segment: Bytes of a segment.
    """

    def __init__(self, directory: Path, binary: Sequence[int], *, segment: int = SEGMENT) -> None:
        self._directory = directory
        self._binary = tuple(binary)
        self._segment = segment
        self._number = 0
        self._map: mmap.mmap | None = None
        self._used = 0
        self._room = 0
        self._paths: list[Path] = []

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
        """Hand one row to the operating system.

        Raises:
            OSError: the disk is full or gone; nothing of the row counts.
        """
        values = list(row)
        for place in self._binary:
            if values[place] is not None:
                values[place] = values[place].decode("latin-1")
        line = orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)
        end = self._used + len(line)
        if self._map is None or end > self._room:
            self._map = self._opened(max(self._segment, len(line)))
            end = len(line)
        self._map[self._used : end] = line
        self._used = end

    def begin(self) -> list[Path]:
        """Start afresh and return the segments before, none where there were no rows."""
        before, self._paths = self._paths, []
        self._unmap()
        return before

    def done(self, segments: Sequence[Path]) -> None:
        """Delete segments whose rows are in the database."""
        for segment in segments:
            segment.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the segment that is open; its rows stay for the next start."""
        self._unmap()

    def _unmap(self) -> None:
        if self._map is not None:
            self._map.close()
        self._map, self._used, self._room = None, 0, 0

    def _opened(self, size: int) -> mmap.mmap:
        self._unmap()
        self._number += 1
        path = self._directory / f"{self._number:08}{SUFFIX}"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _fill(file, size)
            mapped = mmap.mmap(file, size)
        except OSError:
            path.unlink()
            raise
        finally:
            os.close(file)
        self._paths.append(path)
        self._room = size
        return mapped

    def _read(self, path: Path) -> list[Row]:
        rows: list[Row] = []
        for line in path.read_bytes().rstrip(b"\0").splitlines():
            try:
                values = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            # A row that an older version left lacks the columns that came since, at its end.
            values.extend([None] * (max(self._binary, default=-1) + 1 - len(values)))
            for place in self._binary:
                if values[place] is not None:
                    values[place] = values[place].encode("latin-1")
            rows.append(tuple(values))
        return rows


def _fill(file: int, size: int) -> None:
    """Write zeros.

    Raises:
        OSError: there is no room for them.
    """
    left = size
    while left:
        left -= os.write(file, bytes(left))

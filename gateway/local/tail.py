"""The tail of the log: rows that were answered and aren't in the database yet, safe on disk.

A row is put here before its caller gets the last byte, so that a process that is killed loses no
row that anybody was told about. The store then moves rows into the database in batches:

    append append append | begin: the next row goes to another segment; the rows so far are
                         |        written to the database
                         | done:  the old segments are cleared, and used again

What is left of segments at the next start is read back. One line is one row; a line that was cut
off in the middle is dropped, since nobody was told about it.

A segment is a file of zeros that is mapped into memory, so that a row costs no system call: what
is written to the mapping is the operating system's, even if the process is killed in the next
moment. The zeros are written first because only a write is told that the disk is full; a mapping
would be killed. It is used again because the first touch of each page is what costs most.
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
SPARE = 4
"""Cleared segments that are kept."""


class Segment:
    """One file of the tail, mapped.

    Args:
        size: Its bytes.

    Raises:
        OSError: there is no room for it.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.size = size
        self._path = path
        self._used = 0
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _fill(file, size)
            self._map = mmap.mmap(file, size)
        except OSError:
            path.unlink()
            raise
        finally:
            os.close(file)

    def add(self, line: bytes) -> bool:
        """Write a line, if there is room for it."""
        end = self._used + len(line)
        if end > self.size:
            return False
        self._map[self._used : end] = line
        self._used = end
        return True

    def clear(self) -> None:
        """Forget all lines."""
        self._map[: self._used] = bytes(self._used)
        self._used = 0

    def close(self, *, keep: bool) -> None:
        """Close the file, and delete it unless its lines are still needed."""
        self._map.close()
        if not keep:
            self._path.unlink(missing_ok=True)


class Tail:
    """The segments of one data directory.

    Args:
        binary: Which places of a row hold bytes.
        size: Bytes of a segment.
    """

    def __init__(self, directory: Path, binary: Sequence[int], *, size: int = SEGMENT) -> None:
        self._directory = directory
        self._binary = tuple(binary)
        self._size = size
        self._number = 0
        self._filled: list[Segment] = []
        self._spare: list[Segment] = []

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
        if not self._filled or not self._filled[-1].add(line):
            fresh = self._fresh(len(line))
            fresh.add(line)
            self._filled.append(fresh)

    def begin(self) -> list[Segment]:
        """Start afresh and return the segments so far, none where there were no rows."""
        before, self._filled = self._filled, []
        return before

    def done(self, segments: Sequence[Segment]) -> None:
        """Clear segments whose rows are in the database; some are kept for further rows."""
        for segment in segments:
            if segment.size == self._size and len(self._spare) < SPARE:
                segment.clear()
                self._spare.append(segment)
            else:
                segment.close(keep=False)

    def close(self) -> None:
        """Close all; rows that aren't in the database stay for the next start."""
        for segment in self._spare:
            segment.close(keep=False)
        for segment in self._filled:
            segment.close(keep=True)
        self._spare, self._filled = [], []

    def _fresh(self, needed: int) -> Segment:
        if self._spare and needed <= self._size:
            return self._spare.pop()
        self._number += 1
        path = self._directory / f"{self._number:08}{SUFFIX}"
        return Segment(path, max(self._size, needed))

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

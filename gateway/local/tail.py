"""The tail of the log: rows that were answered and aren't in the database yet, safe on disk.

A row is put here before its caller gets the last byte, so that a process that is killed loses no
row that anybody was told about. The store then moves rows into the database in batches:

    append append append | begin: the next row goes to another segment; the rows so far are
                         |        written to the database
                         | done:  the old segments are cleared and used again, or deleted

What is left of segments at the next start is read back. One line is one row.

A segment is a file of zeros that is mapped into memory, so that a row costs no system call: what
is written to the mapping is the operating system's, even if the process is killed in the next
moment. The zeros are written first because only a write is told that the disk is full; a mapping
would be killed. It is used again because the first touch of each page is what costs most. One that
is full leaves the memory: many of them may wait while the gateway is busy.
"""

import mmap
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

SUFFIX = ".tail"
SEGMENT = 256 * 1024
"""Bytes of a segment; a row that is larger has one to itself."""
SPARE = 4
"""Cleared segments that are kept."""
LIMIT = 512 * 1024 * 1024
"""Bytes that may wait for a database that takes none."""


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
        self._map: mmap.mmap | None = None
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
        """Write a line, if there is room for it; where there is none, there never will be."""
        end = self._used + len(line)
        if end > self.size or self._map is None:
            self.rest()
            return False
        self._map[self._used : end] = line
        self._used = end
        return True

    def lines(self) -> list[bytes]:
        """Return the lines so far."""
        text = self._path.read_bytes() if self._map is None else self._map[: self._used]
        return text[: self._used].splitlines()

    def clear(self) -> bool:
        """Forget all lines; ``False`` where it can't be used again."""
        if self._map is None:
            return False
        self._map[: self._used] = bytes(self._used)
        self._used = 0
        return True

    def rest(self) -> None:
        """Leave the memory. The lines stay in the file."""
        if self._map is not None:
            self._map.close()
            self._map = None

    def delete(self) -> None:
        """Delete the file: its lines aren't needed any more."""
        self.rest()
        self._path.unlink(missing_ok=True)


class Tail:
    """The segments of one data directory.

    Args:
        size: Bytes of a segment.
        limit: Bytes of all segments that wait.

    Attributes:
        held: Bytes of the segments since ``begin``.
    """

    def __init__(self, directory: Path, *, size: int = SEGMENT, limit: int = LIMIT) -> None:
        self._directory = directory
        self._size = size
        self._limit = limit
        self._number = 0
        self.held = 0
        self._filled: list[Segment] = []
        self._spare: list[Segment] = []

    def left(self) -> Iterator[list[bytes]]:
        """Yield the lines that an earlier process left, oldest first, file by file.

        A file is deleted once the next one is asked for: its rows are in the database by then.
        """
        for path in sorted(self._directory.glob(f"*{SUFFIX}")):
            self._number = max(self._number, int(path.stem))
            yield path.read_bytes().rstrip(b"\0").splitlines()
            path.unlink()

    def append(self, line: bytes) -> None:
        """Hand one line to the operating system.

        Raises:
            OSError: the disk is full or gone, or too much waits; nothing of the line counts.
        """
        if not self._filled or not self._filled[-1].add(line):
            fresh = self._fresh(len(line))
            fresh.add(line)
            self._filled.append(fresh)
            self.held += fresh.size

    def begin(self) -> list[Segment]:
        """Start afresh and return the segments so far, none where there were no rows."""
        before, self._filled, self.held = self._filled, [], 0
        return before

    def done(self, segments: Sequence[Segment]) -> None:
        """Clear segments whose rows are in the database; some are kept for further rows."""
        for segment in segments:
            usable = segment.size == self._size and len(self._spare) < SPARE
            if usable and segment.clear():
                self._spare.append(segment)
            else:
                segment.delete()

    def close(self) -> None:
        """Close all; rows that aren't in the database stay for the next start."""
        for segment in self._spare:
            segment.delete()
        for segment in self._filled:
            segment.rest()
        self._spare, self._filled = [], []

    def _fresh(self, needed: int) -> Segment:
        if self._spare and needed <= self._size:
            return self._spare.pop()
        if self.held + needed > self._limit:
            raise OSError(f"{self.held} bytes of them wait for the database")
        self._number += 1
        path = self._directory / f"{self._number:08}{SUFFIX}"
        return Segment(path, max(self._size, needed))


def _fill(file: int, size: int) -> None:
    """Write zeros.

    Raises:
        OSError: there is no room for them.
    """
    left = size
    while left:
        left -= os.write(file, bytes(left))

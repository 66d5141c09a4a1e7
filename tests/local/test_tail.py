"""tail: lines that were answered for survive a process that is killed."""

import os
import resource
from contextlib import contextmanager

import pytest

from gateway.local.tail import Tail

LINES = [b'["a"]\n', b'["b",1.5]\n', b'["\xc3\xa9"]\n']


def left(directory):
    """Return the lines of all files, as the next process finds them, and the files as they were."""
    tail, found = Tail(directory), []
    for lines in tail.left():
        found.extend(line + b"\n" for line in lines)
    return found


def test_lines_come_back_as_they_were(tmp_path):
    """In order, from whoever comes next; then the files are gone."""
    first = Tail(tmp_path)
    for line in LINES:
        first.append(line)

    assert left(tmp_path) == LINES
    assert os.listdir(tmp_path) == []


def test_file_stays_until_its_rows_are_elsewhere(tmp_path):
    """A process that is killed while it recovers loses nothing either."""
    Tail(tmp_path).append(LINES[0])

    next(Tail(tmp_path).left())

    assert left(tmp_path) == LINES[:1]


def test_lines_are_gone_once_they_are_elsewhere(tmp_path):
    """What came after the batch began stays."""
    tail = Tail(tmp_path)
    tail.append(LINES[0])
    segments = tail.begin()
    tail.append(LINES[1])

    tail.done(segments)

    assert left(tmp_path) == [LINES[1]]


def test_segments_are_used_again(tmp_path):
    """A new file would cost more than its rows; a shorter line leaves nothing of a longer."""
    tail = Tail(tmp_path)

    for line in (b"x" * 1000 + b"\n", *LINES):
        tail.append(line)
        [segment] = tail.begin()
        assert segment.lines() == [line.rstrip()]
        tail.done([segment])

    assert len(os.listdir(tmp_path)) == 1
    tail.close()
    assert os.listdir(tmp_path) == []


def test_nothing_new_is_no_segment(tmp_path):
    """An idle gateway writes no files."""
    tail = Tail(tmp_path)

    assert tail.begin() == []
    tail.done([])
    assert os.listdir(tmp_path) == []


def test_lines_that_fill_a_segment_go_on_in_the_next(tmp_path):
    """Also one that is larger than a segment; all of them belong to the same batch."""
    lines = [*LINES, b"x" * 5000 + b"\n", *LINES]
    tail = Tail(tmp_path, size=20)
    for line in lines:
        tail.append(line)

    segments = tail.begin()

    assert [line + b"\n" for segment in segments for line in segment.lines()] == lines
    tail.done(segments)
    assert left(tmp_path) == []


def test_full_segments_leave_the_memory(tmp_path):
    """Only the last one is mapped, however many wait."""
    tail = Tail(tmp_path, size=20)
    for _ in range(50):
        tail.append(LINES[0])

    with open("/proc/self/maps") as maps:
        assert maps.read().count(str(tmp_path)) == 1
    tail.close()


def test_numbers_go_on_after_what_is_left(tmp_path):
    """A new process doesn't write into an old segment."""
    Tail(tmp_path).append(LINES[0])
    second = Tail(tmp_path)
    files = second.left()
    next(files)
    second.append(LINES[1])

    assert len(os.listdir(tmp_path)) == 2
    assert list(files) == []
    assert left(tmp_path) == [LINES[1]]


@contextmanager
def no_room():
    """No file of this process may be longer than a kilobyte, as if the disk were full.

    Not a fixture: pytest writes its dots before it ends those, perhaps to a file.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_is_told_before_a_line_is_mapped(tmp_path):
    """A mapping without room behind it would kill the process; half a segment isn't left."""
    tail = Tail(tmp_path)

    for _ in range(2):
        with pytest.raises(OSError, match="File too large"), no_room():
            tail.append(LINES[0])

    assert os.listdir(tmp_path) == []


def test_line_after_a_full_disk_is_readable(tmp_path):
    """Once there is room, rows are kept as before."""
    tail = Tail(tmp_path / "later")
    with pytest.raises(FileNotFoundError):
        tail.append(LINES[0])

    (tmp_path / "later").mkdir()
    tail.append(LINES[1])

    assert left(tmp_path / "later") == [LINES[1]]


def test_tail_does_not_fill_the_disk(tmp_path):
    """A database that refuses for days lets so much wait and no more."""
    tail = Tail(tmp_path, size=20, limit=100)

    for _ in range(5 * (20 // len(LINES[0]))):
        tail.append(LINES[0])

    with pytest.raises(OSError, match="wait for the database"):
        tail.append(LINES[0])
    tail.close()

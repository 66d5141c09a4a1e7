"""tail: rows that were answered survive a process that is killed."""

import os
import resource
from contextlib import contextmanager

import pytest

from gateway.local.tail import Tail

BYTES = [1]
ROWS = [("a", b'\x00\xff\n\r"', None, 1.5), ("b", None, True, 2), ("c", b"", "\u2028 \u00e9", 3)]


def test_rows_come_back_as_they_were(tmp_path):
    """Bytes of any kind, in order, from whoever comes next."""
    first = Tail(tmp_path, BYTES)
    for row in ROWS:
        first.append(row)

    assert Tail(tmp_path, BYTES).left() == ROWS


def test_rows_are_gone_once_they_are_elsewhere(tmp_path):
    """What came after the batch began stays."""
    tail = Tail(tmp_path, BYTES)
    tail.append(ROWS[0])
    segments = tail.begin()
    tail.append(ROWS[1])

    tail.done(segments)

    assert Tail(tmp_path, BYTES).left() == [ROWS[1]]
    tail.close()


def test_segments_are_used_again(tmp_path):
    """Each new file would cost more than all its rows; a shorter row leaves nothing of a longer."""
    tail = Tail(tmp_path, BYTES)

    for row in (("long", b"x" * 1000, None, 1), ROWS[0], ROWS[1]):
        tail.append(row)
        assert Tail(tmp_path, BYTES).left() == [row]
        tail.done(tail.begin())

    assert len(os.listdir(tmp_path)) == 1
    tail.close()
    assert os.listdir(tmp_path) == []


def test_nothing_new_is_no_segment(tmp_path):
    """An idle gateway writes no files."""
    tail = Tail(tmp_path, BYTES)

    assert tail.begin() == []
    tail.done([])
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_row_that_was_cut_off_is_dropped(tmp_path, cut):
    """No half row; the whole ones before it are there."""
    tail = Tail(tmp_path, BYTES)
    tail.append(ROWS[0])
    tail.append(ROWS[1])
    tail.close()
    [segment] = tmp_path.iterdir()
    text = segment.read_bytes().rstrip(b"\0")
    segment.write_bytes(text[:-cut] + bytes(1000))

    assert Tail(tmp_path, BYTES).left() == ROWS[: 2 if cut == 1 else 1]


def test_rows_that_fill_a_segment_go_on_in_the_next(tmp_path):
    """Also one that is larger than a segment; all of them belong to the same batch."""
    rows = [*ROWS, ("d", b"x" * 5000, None, 4), ("e", None, None, 5)]
    tail = Tail(tmp_path, BYTES, size=50)
    for row in rows:
        tail.append(row)

    assert Tail(tmp_path, BYTES).left() == rows
    tail.done(tail.begin())
    assert Tail(tmp_path, BYTES).left() == []


def test_numbers_go_on_after_what_is_left(tmp_path):
    """A new process doesn't write into an old segment."""
    Tail(tmp_path, BYTES).append(ROWS[0])
    second = Tail(tmp_path, BYTES)
    second.left()
    second.append(ROWS[1])

    assert len(os.listdir(tmp_path)) == 2
    second.close()
    Tail(tmp_path, BYTES).forget_left()
    assert os.listdir(tmp_path) == []


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


def test_full_disk_is_told_before_a_row_is_mapped(tmp_path):
    """A mapping without room behind it would kill the process; half a segment isn't left."""
    tail = Tail(tmp_path, BYTES)

    for _ in range(2):
        with pytest.raises(OSError, match="File too large"), no_room():
            tail.append(ROWS[0])

    assert os.listdir(tmp_path) == []


def test_row_after_a_full_disk_is_readable(tmp_path):
    """Once there is room, rows are kept as before."""
    tail = Tail(tmp_path / "later", BYTES)
    with pytest.raises(FileNotFoundError):
        tail.append(ROWS[0])

    (tmp_path / "later").mkdir()
    tail.append(ROWS[1])

    assert Tail(tmp_path / "later", BYTES).left() == [ROWS[1]]


def test_row_of_an_older_version_lacks_what_came_since(tmp_path):
    """A gateway that was killed before an update loses nothing by it."""
    Tail(tmp_path, [1]).append(("a", b"1"))

    assert Tail(tmp_path, [1, 3]).left() == [("a", b"1", None, None)]

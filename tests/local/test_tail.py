"""tail: rows that were answered survive a process that is killed."""

import os

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


def test_segment_is_gone_once_its_rows_are_elsewhere(tmp_path):
    """What came after its end stays."""
    tail = Tail(tmp_path, BYTES)
    tail.append(ROWS[0])
    segment = tail.begin()
    tail.append(ROWS[1])

    tail.done(segment)

    assert Tail(tmp_path, BYTES).left() == [ROWS[1]]
    tail.close()


def test_nothing_new_is_no_segment(tmp_path):
    """An idle gateway writes no files."""
    tail = Tail(tmp_path, BYTES)

    assert tail.begin() is None
    tail.done(None)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_row_that_was_cut_off_is_dropped(tmp_path, cut):
    """No half row; the whole ones before it are there."""
    tail = Tail(tmp_path, BYTES)
    tail.append(ROWS[0])
    tail.append(ROWS[1])
    segment = tail.begin()
    segment.write_bytes(segment.read_bytes()[:-cut])

    assert Tail(tmp_path, BYTES).left() == ROWS[: 2 if cut == 1 else 1]


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


def test_full_disk_is_told_and_the_next_row_is_readable():
    """``/dev/full`` refuses every byte, as a full disk does."""
    tail = Tail.__new__(Tail)
    tail._binary, tail._file = (), os.open("/dev/full", os.O_WRONLY)

    with pytest.raises(OSError, match="No space left"):
        tail.append(("a",))

    os.close(tail._file)

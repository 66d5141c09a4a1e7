"""logline: rows come back from their lines as they were."""

import pytest

from gateway.local.logline import LineFormat

FORMAT = LineFormat([1])
ROWS = [("a", b'\x00\xff\n\r"', None, 1.5), ("b", None, True, 2), ("c", b"", "\u2028 \u00e9", 3)]


def test_rows_come_back_as_they_were():
    """Bytes of any kind, each row on one line."""
    lines = [FORMAT.line(row) for row in ROWS]

    assert list(FORMAT.rows(lines)) == [(row, None) for row in ROWS]
    assert b"".join(lines).splitlines(keepends=True) == lines


def test_what_is_beside_a_row_comes_back_with_it():
    """And isn't taken for one of its columns, however many there will be."""
    line = LineFormat([1]).line(("a", b"\xff"), ["b", {"c": None}])

    [(row, beside)] = LineFormat([1, 3]).rows([line])

    assert row == ("a", b"\xff", None, None)
    assert beside == ["b", {"c": None}]


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_row_that_was_cut_off_is_dropped(cut):
    """No half row; the whole ones before it are there."""
    lines = [FORMAT.line(row) for row in ROWS[:2]]
    lines[1] = lines[1][:-cut]

    assert [row for row, _ in FORMAT.rows(lines)] == ROWS[: 2 if cut == 1 else 1]


def test_row_of_an_older_version_lacks_what_came_since():
    """A gateway that was killed before an update loses nothing by it."""
    line = LineFormat([1]).line(("a", b"1"))

    assert list(LineFormat([1, 3]).rows([line])) == [(("a", b"1", None, None), None)]


def test_form_is_the_line_of_any_row_that_differs_in_its_gaps():
    """Byte for byte, also where what is common looks like a gap."""
    common = ("%b", b"100% %%b \xff", True, 0.5)
    form = FORMAT.form(common, [0, 3])

    assert form.line('new "%s"', 1.25) == FORMAT.line(('new "%s"', common[1], True, 1.25))

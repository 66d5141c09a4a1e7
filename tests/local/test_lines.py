"""lines: close codes."""

import pytest

from gateway.local.lines import sendable


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])
def test_codes_of_the_standard_are_handed_on(code):
    """The other side gets the code that this one closed with."""
    assert sendable(code, 1011) == code


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
def test_codes_that_no_frame_may_hold_are_replaced(code):
    """1005 and 1006 only say that there was no code; sending one would be an error."""
    assert sendable(code, 1011) == 1011

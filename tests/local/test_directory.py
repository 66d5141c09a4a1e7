"""directory: held by one process, and its token is for one person."""

import os
import stat

import pytest

from gateway.errors import LocalGatewayError
from gateway.local.directory import Lock, token_in


def test_token_is_made_once_and_for_its_owner_only(tmp_path):
    """Mode 0600, and long enough that nobody guesses it."""
    place = tmp_path / "token"

    token = token_in(place)

    assert stat.S_IMODE(os.stat(place).st_mode) == 0o600
    assert len(token) > 30
    assert token_in(place) == token


def test_empty_file_holds_no_token(tmp_path):
    """A crash may leave one; an empty token would open every gateway."""
    place = tmp_path / "token"
    place.write_text("\n")

    token = token_in(place)

    assert len(token) > 30
    assert token_in(place) == token


def test_damaged_token_is_named(tmp_path):
    """What to do stands in the sentence."""
    place = tmp_path / "token"
    place.write_bytes(b"\xff\xfe")

    with pytest.raises(LocalGatewayError, match="Delete it"):
        token_in(place)


def test_directory_is_held_until_it_is_let_go(tmp_path):
    """Whoever comes second is told what to do."""
    held = Lock(tmp_path / "lock")
    with pytest.raises(LocalGatewayError, match="in use by another local gateway"):
        Lock(tmp_path / "lock")

    held.release()

    Lock(tmp_path / "lock").release()

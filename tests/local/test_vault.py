"""vault: what is sealed can be read here only."""

import stat

import pytest

from gateway.errors import LocalGatewayError
from gateway.local.vault import KEY_FILE, Vault


def test_sealed_with_the_same_directory_comes_back(tmp_path):
    """After a restart too."""
    sealed = Vault(tmp_path).seal("sk-secret-ä")

    assert "secret" not in sealed
    assert Vault(tmp_path).unseal(sealed) == "sk-secret-ä"


def test_key_file_is_the_owners_alone(tmp_path):
    """Nobody else on the machine reads the keys."""
    Vault(tmp_path)

    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("change", [lambda text: text[:-6] + "AAAA==", lambda text: "", str.upper])
def test_changed_text_is_no_secret(tmp_path, change):
    """Nothing is sent to a provider that wasn't stored as it is."""
    vault = Vault(tmp_path)

    assert vault.unseal(change(vault.seal("sk-secret"))) is None


def test_other_key_opens_nothing(tmp_path):
    """A copied database is of no use without the key file."""
    sealed = Vault(tmp_path).seal("sk-secret")
    (tmp_path / KEY_FILE).unlink()

    assert Vault(tmp_path).unseal(sealed) is None


@pytest.mark.parametrize("content", [b"", b"no key", b"\xff" * 44])
def test_damaged_key_file_is_named(tmp_path, content):
    """A sentence with the way out, no traceback at the start."""
    (tmp_path / KEY_FILE).write_bytes(content)

    with pytest.raises(LocalGatewayError, match="store the providers' keys again"):
        Vault(tmp_path)


def test_directory_that_is_not_there_is_named(tmp_path):
    """It says which file can't be written."""
    with pytest.raises(LocalGatewayError, match="can't be used"):
        Vault(tmp_path / "nowhere")

"""stored_keys: kept sealed, shown without their secrets, used by provider and alias."""

import pytest

from gateway.local.documents import Documents
from gateway.local.store import Store
from gateway.local.stored_keys import StoredKeys
from gateway.local.vault import Vault

SECRET = "sk-stored-0123456789"
CONFIG = {"id": "1", "gateway_id": "g", "provider_slug": "openai", "alias": "work"}


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path)
    yield opened
    opened.close()


def keys_of(store):
    return StoredKeys(Documents(store.engine), Vault(store.directory))


def test_key_is_used_under_its_alias_after_a_restart(store):
    """And nowhere else."""
    keys_of(store).put(CONFIG, SECRET)

    again = keys_of(store)

    assert again.secret("g", "openai", "work") == SECRET
    assert again.secret("g", "openai", "default") is None
    assert again.secret("other", "openai", "work") is None
    assert again.aliases("g", "openai") == {"work"}


def test_secret_is_never_shown_nor_written(store):
    """Only its last four letters are."""
    keys = keys_of(store)
    made = keys.put(CONFIG, SECRET)
    store.flush()

    assert made == keys.get("g", "1") == keys.list("g")[0]
    assert made == {**CONFIG, "secret_preview": "6789"}
    for file in store.directory.iterdir():
        assert SECRET.encode() not in file.read_bytes()


@pytest.mark.parametrize(("secret", "preview"), [("abcdefgh", "efgh"), ("abcdefg", ""), (None, "")])
def test_preview_never_is_most_of_the_secret(store, secret, preview):
    """A short key would be given away; one that lies elsewhere can't be shown."""
    assert keys_of(store).put(CONFIG, secret)["secret_preview"] == preview


def test_removed_key_is_gone_at_once(store):
    """The next call has to do without."""
    keys = keys_of(store)
    keys.put(CONFIG, SECRET)
    keys.put({**CONFIG, "id": "2", "gateway_id": "h"}, SECRET)
    keys.remove(CONFIG)
    keys.forget_gateway("h")

    assert keys.secret("g", "openai", "work") is None
    assert keys.secret("h", "openai", "work") is None
    assert keys.list("g") == []

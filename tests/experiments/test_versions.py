"""Equal names mean equal code."""

import re

from gateway.experiments import versions


def test_app_and_local_gateway_have_names_of_their_own():
    """Both are digests; the local gateway is a part of the app."""
    assert re.fullmatch(r"sha256:[0-9a-f]{12}", versions.app())
    assert re.fullmatch(r"sha256:[0-9a-f]{12}", versions.emulator())
    assert versions.app() != versions.emulator()


def test_digest_changes_with_the_code_only(tmp_path):
    """Neither order nor what Python leaves behind counts."""
    one, two = tmp_path / "a.py", tmp_path / "b.json"
    one.write_text("x = 1")
    two.write_text("{}")
    before = versions.digest([one, two])
    (tmp_path / "a.pyc").write_bytes(b"\0")

    assert versions.digest([two, one, tmp_path / "a.pyc"]) == before
    one.write_text("x = 2")
    assert versions.digest([one, two]) != before

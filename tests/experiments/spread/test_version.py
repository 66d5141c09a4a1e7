"""The fingerprint of the code: another file, another name or another word is another version."""

import pytest

from gateway.experiments.spread.version import fingerprint

SAME = {"a.py": "x = 1\n", "data/b.json": "{}", "notes.txt": "of no consequence"}


def package(home, files):
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    return home


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"notes.txt": "other"}, True),
        ({"a.py": "x = 2\n"}, False),
        ({"data/b.json": "[]"}, False),
        ({"c.py": ""}, False),
    ],
)
def test_code_and_data_count(tmp_path, change, same):
    """Wherever it lies."""
    one = package(tmp_path / "one", SAME)
    two = package(tmp_path / "two", {**SAME, **change})

    assert (fingerprint(one) == fingerprint(two)) is same

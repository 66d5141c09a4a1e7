"""powershell: cmdlets with the variables, tables and here-strings around them."""

import json

import pytest

from gateway.paste.powershell import is_powershell, read_powershell


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Invoke-RestMethod x", True),
        ("$r = iwr x", True),
        ("  irm x", True),
        ("curl -d 'irm x' y", False),
        ("confirm x", False),
    ],
)
def test_cmdlet_is_recognised(text, found):
    """Only where a statement begins."""
    assert is_powershell(text) is found


def test_tables_and_lists_become_json():
    """As ConvertTo-Json would write them."""
    call = read_powershell(
        "$b = @{ model = 'm'; n = 1; f = 0.5; t = $true; z = $null\n"
        "  list = @('a', @{ role = \"user\" }) } | ConvertTo-Json -Depth 9\n"
        "irm -Method Post -Uri https://x.com -Body $b"
    )

    assert json.loads(call.body) == {
        "model": "m",
        "n": 1,
        "f": 0.5,
        "t": True,
        "z": None,
        "list": ["a", {"role": "user"}],
    }


def test_body_in_brackets_is_converted_too():
    """One line, as people write it."""
    call = read_powershell("irm https://x.com -Method POST -Body (@{ a = 1 } | ConvertTo-Json)")

    assert json.loads(call.body) == {"a": 1}


def test_headers_come_from_a_variable_in_both_ways():
    """Added one by one, or by their index."""
    call = read_powershell(
        '$h = @{ "a" = "1" }\n$h.Add("b", "2")\n$h["c"] = "3"\niwr https://x.com -Headers $h'
    )

    assert call.headers == (("a", "1"), ("b", "2"), ("c", "3"))


def test_patience_and_repetitions_come_along():
    """They belong to the client."""
    call = read_powershell("irm https://x.com -TimeoutSec 30 -MaximumRetryCount 2 -Verbose")

    assert (call.client_timeout_s, call.client_retries, call.method) == (30, 2, "GET")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("irm https://x.com -Body $b", "-body (line 1, character 25): its value isn't"),
        ("irm -Uri $u", "-uri (line 1, character 10): its value isn't"),
        ("irm https://x.com -Headers @{ a", "-headers"),
        ("irm https://x.com -Body @( 1", "-body"),
        ("irm -Method POST", "The address"),
    ],
)
def test_what_isnt_there_is_said(text, sentence):
    """A variable from elsewhere, a table that never ends."""
    assert sentence in " ".join(unread.sentence for unread in read_powershell(text).unread)

"""pattern: the text that is made matches the pattern it was made for."""

import re

import pytest

from gateway.errors import BadRequest
from gateway.local.clock import chance
from gateway.local.simulated.pattern import PatternSampler

PATTERNS = [
    "abc",
    "^[a-z]{2,5}$",
    r"^\d{3}-\d{2}$",
    r"^(?:red|green|blue)$",
    r"^(?P<key>\w+)=(\d+)$",
    r"^[^a-y0-9]+$",
    r"^a?b*c+$",
    r"^\+?[1-9]\d{1,14}$",
    r"^[A-Z][a-z]+(?: [A-Z][a-z]+)*$",
    r"^#[0-9a-fA-F]{6}$",
    r"^\w+@\w+\.com$",
    r"^[\w.-]+\s\S+$",
    r"^(a|b|){2}x$",
    r"^[]a]{2}$",
    r"^\t[\-x]{3}\.$",
    "",
]
REFUSED = ["(?=a)a", "(?<!x)y", r"(a)\1", "[a-", "a{x}", "*a", "(a", "a)", "a{2,1}", "\\"]


@pytest.mark.parametrize("more", [0, 1, 2, 7])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_text_matches(pattern, more):
    """A client checks structured output with the very same pattern."""
    text = PatternSampler(pattern, chance("pattern", more), more=more).sample()

    assert re.search(pattern, text)


@pytest.mark.parametrize("pattern", REFUSED)
def test_pattern_beyond_it_is_refused(pattern):
    """What it can't do is said, not done wrongly."""
    with pytest.raises(BadRequest, match="beyond the simulated model"):
        PatternSampler(pattern, chance(0)).sample()

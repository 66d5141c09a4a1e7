"""openai_usage: where providers put their token counts."""

import pytest

from gateway.chat import Usage
from gateway.dialects.openai_usage import read_usage, write_usage

REPORTED = [
    (None, Usage()),
    ({}, Usage()),
    ({"prompt_tokens": 9, "completion_tokens": 3}, Usage(tokens_in=9, tokens_out=3)),
    ({"prompt_tokens": 9, "total_tokens": 9}, Usage(tokens_in=9)),
    (
        {
            "prompt_tokens": 9,
            "completion_tokens": 3,
            "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
            "completion_tokens_details": {"reasoning_tokens": 1},
        },
        Usage(tokens_in=9, tokens_out=3, cached_in=4, cache_write=2, reasoning=1),
    ),
    (
        {"prompt_tokens": 9, "completion_tokens": 3, "prompt_cache_hit_tokens": 4},
        Usage(tokens_in=9, tokens_out=3, cached_in=4),
    ),
    (
        # xAI counts reasoning beside the completion; the total gives it away.
        {
            "prompt_tokens": 9,
            "completion_tokens": 3,
            "total_tokens": 112,
            "completion_tokens_details": {"reasoning_tokens": 100},
        },
        Usage(tokens_in=9, tokens_out=103, reasoning=100),
    ),
]


@pytest.mark.parametrize(("counts", "usage"), REPORTED)
def test_counts_of_real_providers(counts, usage):
    """Not reported stays not reported; it isn't 0."""
    assert read_usage(counts) == usage


def test_nothing_known_is_nothing_written():
    """A made-up 0 would become a cost of 0."""
    assert write_usage(Usage()) is None


def test_total_is_the_sum():
    """Clients show the total."""
    assert write_usage(Usage(tokens_in=9, tokens_out=3))["total_tokens"] == 12

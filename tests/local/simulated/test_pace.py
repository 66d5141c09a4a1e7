"""pace: profiles cover every provider, draws scatter around them, and chunks come when due."""

import statistics

import pytest

from gateway.local.clock import chance
from gateway.local.simulated.pace import PROFILES, Pace, paced, profile_of, steady
from gateway.providers import PROVIDERS

pytestmark = pytest.mark.anyio

PIECES = [(1, b"a"), (3, b"b"), (0, b"c"), (2, b"d")]


@pytest.mark.parametrize("slug", PROVIDERS)
def test_every_provider_has_a_profile(slug):
    """The last row fits all, but a provider with models has one of its own."""
    row = PROVIDERS[slug]
    profile = profile_of(slug, row.models[0].id if row.models else "m")

    assert profile.provider != "*" or not row.models
    assert profile.ttft_ms > 0
    assert profile.tokens_per_s > 0


def test_every_profile_is_reached():
    """A row behind a more general one would never be used."""
    reached = {
        profile_of(row.provider.replace("*", "x"), sample)
        for row in PROFILES
        for sample in [row.model.replace("*", "").replace("[0-9]", "3").replace("[78]", "8") or "m"]
    }

    assert reached == set(PROFILES)


def test_draws_scatter_around_the_profile():
    """The median is the profile's, and no two calls are alike."""
    profile = profile_of("openai", "gpt-4o")
    firsts = [Pace(profile, chance("pace", n)).first_s * 1000 for n in range(400)]

    assert statistics.median(firsts) == pytest.approx(profile.ttft_ms, rel=0.1)
    assert len(set(firsts)) == 400


def test_gaps_have_the_speed_as_their_mean():
    """Single gaps scatter; the answer as a whole keeps its speed."""
    pace = Pace(profile_of("openai", "gpt-4o"), chance("gaps"))
    gaps = [pace.gap_s(1) for _ in range(4000)]
    whole_s = pace.whole_s(1001) - pace.first_s

    assert sum(gaps) / 4 == pytest.approx(whole_s, rel=0.05)
    assert len(set(gaps)) == 4000


def test_steady_pace_has_no_chance_in_it():
    """Streamed or whole, an answer takes what it was told to."""
    pace = steady(0.4, 0.02)

    assert pace.first_s == pytest.approx(0.4)
    assert [pace.gap_s(tokens) for tokens in (1, 3)] == pytest.approx([0.02, 0.06])
    assert pace.whole_s(100) == pytest.approx(2.38)


async def test_pieces_come_when_they_are_due(clock, time):
    """Gaps follow the tokens; what has none comes along at once."""
    pace = Pace(profile_of("openai", "gpt-4o"), chance("due"))
    time.now_s = 10.0
    arrivals = [time.now_s async for _ in paced(iter(PIECES), pace, clock, 10.0)]

    assert arrivals[0] == 10.0
    assert arrivals[0] < arrivals[1] == arrivals[2] < arrivals[3]


async def test_lateness_does_not_add_up(clock, time):
    """Each piece is due at a time of its own, however late the one before was."""
    fast = [time.now_s async for _ in paced(iter(PIECES), Pace(PROFILES[0], chance(1)), clock, 0.0)]
    time.now_s = 0.0
    late = []
    async for _ in paced(iter(PIECES), Pace(PROFILES[0], chance(1)), clock, 0.0):
        late.append(time.now_s)
        time.now_s += 0.0001

    assert late[-1] == pytest.approx(fast[-1], abs=0.0003)


async def test_without_a_pace_nothing_waits(clock, time):
    """For benches."""
    assert [chunk async for chunk in paced(iter(PIECES), None, clock, 99.0)] == [
        b"a",
        b"b",
        b"c",
        b"d",
    ]
    assert time.sleeps == []

"""clock: emulated time, and chance that repeats."""

import pytest

from gateway.local.clock import Clock, chance

pytestmark = pytest.mark.anyio


async def test_a_minute_passes_in_a_second():
    """With a scale of 60, waits shrink and time stamps run, by the same factor."""
    steady = iter([10.0, 11.0, 12.0])
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    clock = Clock(scale=60, wall=lambda: 1000.0, steady=lambda: next(steady), sleep=sleep)
    await clock.sleep(30)
    await clock.sleep(0)

    assert clock.now() == 1060.0
    assert clock.steady() == 720.0
    assert clock.real(90) == 1.5
    assert waited == [0.5]


@pytest.mark.parametrize("scale", [0, -1, float("nan")])
def test_time_must_go_on(scale):
    """A scale that stops or turns time is refused."""
    with pytest.raises(ValueError, match="above 0"):
        Clock(scale=scale)


def test_chance_repeats_for_the_same_parts():
    """The same seed gives the same run on every machine."""
    assert chance(1, "openai").random() == chance(1, "openai").random()
    assert chance(1, "openai").random() != chance(2, "openai").random()

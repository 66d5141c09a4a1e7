"""Progress is a copy that anybody may read."""

from gateway.experiments.progress import Progress


def test_rate_is_unknown_before_time_has_passed():
    """Nothing measured isn't 0 a second."""
    assert Progress(done=0).rate is None
    assert Progress(done=30, elapsed_s=2.0).rate == 15

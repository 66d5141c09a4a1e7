"""gaps: which way an answer came, by the arrival of its pieces."""

from dataclasses import replace

import pytest

from gateway.evidence import gaps_of
from tests.evidence.exchanges import CHAT, answered, failed

EVEN = [0.5 + 0.02 * n for n in range(50)]
UNEVEN = [0.3 + 0.01 * n + 0.004 * (n % 3) for n in range(80)]
FAST = [0.1 + 0.0005 * n for n in range(200)]  # 2,000 pieces a second, as the fastest hosts do
STALLED = [*EVEN[:25], *(at + 4 for at in EVEN[25:])]
ONE_LUMP = [2.0 + 0.0001 * n for n in range(50)]
THREE_LUMPS = [lump + 0.0001 * n for lump in (0.5, 1.0, 1.5) for n in range(20)]
LATE_LUMP = [3.0 + 0.001 * n for n in range(100)]

CASES = [
    ("even", answered(arrivals=EVEN, end_s=1.6), "streamed"),
    ("uneven", answered(arrivals=UNEVEN, end_s=1.2), "streamed"),
    ("very fast", answered(arrivals=FAST, end_s=0.3), "streamed"),
    ("stalled in the middle", answered(arrivals=STALLED, end_s=6), "streamed"),
    ("one lump", answered(arrivals=ONE_LUMP, end_s=2.1), "buffered"),
    ("one lump, written slowly", answered(arrivals=LATE_LUMP, end_s=3.2), "buffered"),
    ("three lumps", answered(arrivals=THREE_LUMPS, end_s=1.6), "buffered"),
    ("asked as a stream, came whole", answered(end_s=2), "buffered"),
    ("whole", answered(end_s=2, chat=replace(CHAT, stream=False)), "whole"),
    ("hit", answered(cache="HIT", chat=replace(CHAT, stream=False)), "replayed"),
    ("streamed hit", answered(cache="HIT", arrivals=ONE_LUMP), "replayed"),
    ("three pieces", answered(arrivals=EVEN[:3]), "unclear"),
    ("over at once", answered(arrivals=[0.001 * n for n in range(1, 11)], end_s=0.012), "unclear"),
]


@pytest.mark.parametrize(("exchange", "verdict"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_verdict(exchange, verdict):
    """Who held pieces back is found out; who is only fast, or stalled, isn't blamed."""
    assert gaps_of(exchange).verdict == verdict


@pytest.mark.parametrize("exchange", [failed(), answered(status=503), answered(text="")])
def test_without_words_there_is_nothing_to_say(exchange):
    """An error has no gaps."""
    assert gaps_of(exchange) is None


def test_slots_count_every_piece_where_it_came():
    """The drawing shows the total time, so silence at its start is seen."""
    gaps = gaps_of(answered(arrivals=[0.5, 0.51, 0.9, 1.0], end_s=1.0), slots=10)

    assert gaps.slots == (0, 0, 0, 0, 0, 2, 0, 0, 0, 2)


def test_sentence_has_the_figures():
    """A verdict can be checked by whoever reads it."""
    why = gaps_of(answered(arrivals=ONE_LUMP, end_s=2.1)).why

    assert why == "50 pieces within 5 ms, after 2,000 ms of silence: one lump."

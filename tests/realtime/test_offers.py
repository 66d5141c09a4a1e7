"""offers: every row can be spoken with, and its provider is one of the table."""

from datetime import date

import pytest

from gateway.providers import PROVIDERS
from gateway.realtime.meaning import Wish
from gateway.realtime.offers import DATE, OFFERS
from gateway.realtime.tongues import TONGUES

each_offer = pytest.mark.parametrize("offer", OFFERS.values(), ids=lambda offer: offer.id)


@each_offer
def test_row_is_whole(offer):
    """Sound has a rate, text has none; somebody takes it and gives something back."""
    assert PROVIDERS[offer.provider].websocket_realtime
    assert offer.models
    assert offer.hears == bool(offer.rate_in_hz)
    assert offer.speaks == bool(offer.rate_out_hz)
    assert offer.hears or offer.reads
    assert offer.speaks or offer.writes or offer.draws


@each_offer
def test_message_exists_for_what_is_taken(offer):
    """Who reads gets text, who hears gets sound."""
    tongue, wish = TONGUES[offer.dialect], Wish(offer=offer, model=offer.models[0])

    assert bool(tongue.say("Hi", wish, answering=False)) == offer.reads
    assert bool(tongue.hear(b"\0\0", wish)) == offer.hears


def test_table_is_dated():
    """Facts that may change say when they were looked at."""
    assert date.fromisoformat(DATE)

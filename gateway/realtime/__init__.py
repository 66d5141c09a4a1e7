"""Realtime sessions: a provider's own WebSocket events, relayed by the gateway.

offers     which realtime APIs there are, and what they take and give
meaning    what can be wished, and what an event can mean
tongues    what each of them is told, and what its events mean; three of them in ``studios``
sound      recordings as bare samples, and back
session    one session: its connection, its events in both directions, what was said
view       what there is to see of it

A session lives on the event loop; any thread may read it, and find it again after a rerun.
"""

from gateway.realtime.meaning import Wish
from gateway.realtime.offers import OFFERS, Offer
from gateway.realtime.session import Session
from gateway.realtime.view import Event, Said, View

__all__ = ["OFFERS", "Event", "Offer", "Said", "Session", "View", "Wish"]

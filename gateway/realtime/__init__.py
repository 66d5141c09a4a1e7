"""Realtime sessions: a provider's own WebSocket events, relayed by the gateway.

offers     which realtime APIs there are, and what they take and give
tongues    what each of them is told, and what its events mean
sound      recordings as bare samples, and back
session    one session: its connection, its events in both directions, what was said

A session lives on the event loop; any thread may read it, and find it again after a rerun.
"""

from gateway.realtime.offers import OFFERS, Offer
from gateway.realtime.session import Event, Said, Session, View
from gateway.realtime.tongues import Wish

__all__ = ["OFFERS", "Event", "Offer", "Said", "Session", "View", "Wish"]

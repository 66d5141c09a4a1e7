"""Simulated realtime providers: each speaks the frames of its own API, and nothing leaves us.

players   who plays which provider, and the line to it
stage     what every player has: frames in and out, words at a model's pace
openai    conversations of text         google   the same, in Google's frames
speech    text to sound                 hearing  sound to text
fal       pictures
"""

from gateway.local.simulated.realtime.players import Players

__all__ = ["Players"]

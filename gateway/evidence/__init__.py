"""What an exchange shows when one looks closely. Pure: exchanges in, findings out.

gaps         when each piece came: streamed, buffered, or replayed from the cache
timeline     attempts, waits and fallback steps as bars
comparison   the fastest, the cheapest, and how far the others are from the first
"""

from gateway.evidence.comparison import Marks, Paired, marks_of, paired
from gateway.evidence.gaps import Gaps, gaps_of
from gateway.evidence.timeline import Bar, Timeline, timeline_of

__all__ = [
    "Bar",
    "Gaps",
    "Marks",
    "Paired",
    "Timeline",
    "gaps_of",
    "marks_of",
    "paired",
    "timeline_of",
]

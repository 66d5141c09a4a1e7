"""What a prompt is about, in a few words."""

import re
from functools import lru_cache

MOST_READ = 4000
"""Characters of a prompt that are looked at from its beginning."""
MOST_WORDS = 9

_POLITE = re.compile(r"^(?:please|kindly|hey|hi|hello|ok|okay|so|and|but|now|well)\b[,!. ]*", re.I)
_ASKING = re.compile(
    r"^(?:(?:can|could|would|will) you (?:please )?|i(?:'d| would) like (?:you )?to "
    r"|i want (?:you )?to |help me (?:to )?|let's |tell me (?:more )?(?:about )?|do you know )",
    re.I,
)
_VERB = re.compile(
    r"^(?:what(?:'s| is| are| was| were| does| do)|who(?:'s| is| are| was)|where(?:'s| is| are)"
    r"|when(?:'s| is| did| does)|why(?: is| are| do| does| did| would| should)?"
    r"|how (?:do|does|can|could|would|should|did|to|is|are|many|much)(?: (?:i|we|you|one))?"
    r"|which|explain|describe|define|discuss|summari[sz]e|compare|write|give me|list|name"
    r"|suggest|draft|create|make|generate|outline|plan|is|are|was|does|do|did|can|could|should"
    r"|will|would|has|have)\b\s*",
    re.I,
)
_ARTICLE = re.compile(r"^(?:an?|the|some|me|us|my|our|about|of|it|there|so)\s+", re.I)
_TAIL = re.compile(
    r"(?:,? (?:please|thanks|briefly|in (?:one|two|three|a few) (?:sentences?|words?|lines?)"
    r"|in (?:detail|short|simple (?:words|terms))|to (?:me|us)|for (?:me|us)|again|work))+$",
    re.I,
)
_WORD = re.compile(r"[A-Za-zÀ-ÿ][\w'-]*")
STOPWORDS = frozenset(
    _WORD.findall(
        """
        about above after again all also always and any are because been before being below
        between  both but came can could did does doing down during each every few for from
        further give had  has have having here how into its itself just know like list make many
        may might more most  much must need not now off once only other our out over own please
        same shall should show  some such tell than that the their them then there these they
        this those through time under  until use used very want was way were what when where
        which while who whom why will with  would write you your explain describe short one two
        three sentence sentences words it is to  of in on at by an as be do if me my no or so up
        us we he she him her his
        """
    )
)


@lru_cache(maxsize=64)
def subject_of(prompt: str) -> str:
    """Return what a prompt is about: its first sentence without the way of asking."""
    text = " ".join(prompt[:MOST_READ].split())
    text = re.split(r"(?<=[.!?])\s|: ", text, maxsplit=1)[0].strip(" .!?\"'")
    for pattern in (_POLITE, _ASKING, _ASKING, _VERB, _ARTICLE, _ARTICLE):
        text = pattern.sub("", text, count=1)
    text = _TAIL.sub("", text)
    words = text.split()
    return " ".join(words[:MOST_WORDS]).strip(" ,;") or " ".join(prompt.split()[:5]) or "this"


def key_terms(text: str) -> list[str]:
    """Return the words of a text that carry meaning, in its order, each once."""
    words = (word.lower() for word in _WORD.findall(text[:MOST_READ]))
    return list(dict.fromkeys(w for w in words if len(w) > 2 and w not in STOPWORDS))

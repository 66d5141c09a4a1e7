"""A call as the header builder holds it, and what would become of it; nothing is sent.

Draft                             route, model, three levels of settings, what the client does
settings(draft, step)             each setting in force: level, what it overrode, is it honoured
cache_verdict(draft, step)        will the answer be cached, for how long, under which key
credential_verdict(draft, step)   with which key the provider is asked, what fails without it
retry_plan(draft, pace)           tries, waits, best and worst case, chance of success, bars
to_document, of_document          a draft without its secrets as JSON, for presets and links
"""

from gateway.draft.document import of_document, options_from, to_document
from gateway.draft.draft import AUTO_MODEL, DYNAMIC, TOKEN, Draft, Keys, Pair
from gateway.draft.effective import (
    CacheVerdict,
    CredentialVerdict,
    Honour,
    Setting,
    cache_verdict,
    credential_verdict,
    honours,
    settings,
    settled,
)
from gateway.draft.retryplan import Bar, Outcome, Pace, RetryPlan, Try, retry_plan, timeline, tries

__all__ = [
    "AUTO_MODEL",
    "DYNAMIC",
    "TOKEN",
    "Bar",
    "CacheVerdict",
    "CredentialVerdict",
    "Draft",
    "Honour",
    "Keys",
    "Outcome",
    "Pace",
    "Pair",
    "RetryPlan",
    "Setting",
    "Try",
    "cache_verdict",
    "credential_verdict",
    "honours",
    "of_document",
    "options_from",
    "retry_plan",
    "settings",
    "settled",
    "timeline",
    "to_document",
    "tries",
]

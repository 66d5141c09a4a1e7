"""Rules about retries and timeouts: who waits for whom, and how many calls come of one."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gateway.draft import Draft, Try, settled, tries
from gateway.form import spell_duration
from gateway.lint.finding import Fix, Rule, Trouble, drop

USUAL_DELAY_MS = 500
MANY_CALLS = 4
"""Upstream calls of one question above which a provider in trouble gets more of it."""
LAST_TRY_S = 60.0
"""What we allow a try that nothing cuts off."""
SDK_FIRST_S, SDK_LONGEST_S = 0.5, 8.0
"""How the SDKs of OpenAI and Anthropic wait: doubling from the first to the longest."""


def retries_without_delay(draft: Draft) -> Iterator[Trouble]:
    """A provider that is overloaded is so a millisecond later too."""
    for index in range(len(draft.all_steps)):
        held = settled(draft, index)
        if held.attempts > 1 and not held.delay_s:
            yield Trouble(
                "retry_delay",
                f"All {held.attempts} tries follow each other at once: an overloaded or limiting "
                "provider is still so then.",
                (
                    Fix("Wait 500 ms, doubling each time", _waiting),
                    Fix("Don't retry", _once),
                ),
            )
            return


def _waiting(draft: Draft) -> Draft:
    quiet = draft.silent("retry_delay", "backoff")
    return quiet.stating(retry_delay=USUAL_DELAY_MS, backoff="exponential")


def _once(draft: Draft) -> Draft:
    return draft.silent("max_attempts", "retry_delay", "backoff").stating(max_attempts=1)


def delay_without_retries(draft: Draft) -> Iterator[Trouble]:
    """A wait between tries needs two of them."""
    for index in range(len(draft.all_steps)):
        held = settled(draft, index)
        stated = [held.levels.get("retry_delay"), held.levels.get("backoff")]
        if held.attempts == 1 and any(one and one.level != "gateway" for one in stated):
            yield Trouble(
                "max_attempts",
                "A delay or a backoff is stated, but there is one try only: nothing is retried.",
                (
                    Fix("Try three times", _thrice),
                    drop("Drop delay and backoff", "retry_delay", "backoff"),
                ),
            )
            return


def _thrice(draft: Draft) -> Draft:
    return draft.silent("max_attempts").stating(max_attempts=3)


def timeout_beyond_client(draft: Draft) -> Iterator[Trouble]:
    """Who gives up first decides."""
    patience_s, timeout_s = draft.client_timeout_s, _longest_timeout_s(draft)
    if patience_s is not None and timeout_s > patience_s:
        yield Trouble(
            "request_timeout",
            f"The gateway waits {_span(timeout_s)} for a provider, but the client gives up after "
            f"{_span(patience_s)}: the gateway's timeout, and the retry or fallback that would "
            "follow it, never happen.",
            (
                Fix(
                    "Let the client wait longer",
                    lambda draft: replace(draft, client_timeout_s=_enough_s(draft)),
                ),
                drop("Drop the timeout", "request_timeout"),
            ),
        )


def plan_beyond_client(draft: Draft) -> Iterator[Trouble]:
    """The tries after the client has left cost money and help nobody."""
    patience_s, planned = draft.client_timeout_s, tries(draft)
    if patience_s is None or len(planned) < 2:
        return
    last_s = _last_start_s(draft)
    if last_s >= patience_s:
        yield Trouble(
            "client_timeout_s",
            f"In the worst case the last of {len(planned)} tries begins after {_span(last_s)}, but "
            f"the client gives up after {_span(patience_s)}.",
            (
                Fix(
                    "Let the client wait longer",
                    lambda draft: replace(draft, client_timeout_s=_enough_s(draft)),
                ),
            ),
        )


def last_try_unlimited(draft: Draft) -> Iterator[Trouble]:
    """The last retry is waited for however long it takes."""
    last = tries(draft)[-1]
    stated = settled(draft, last.step).timeout_s
    if stated is not None and last.patience_s is None and draft.client_timeout_s is None:
        yield Trouble(
            "request_timeout",
            f"The timeout of {_span(stated)} has no effect on the last try: the gateway waits for "
            "it however long it takes, and so does the client.",
            (
                Fix(
                    "Let the client give up",
                    lambda draft: replace(draft, client_timeout_s=_enough_s(draft)),
                ),
                Fix("Don't retry", _once),
            ),
        )


def retries_within_window(draft: Draft) -> Iterator[Trouble]:
    """A window that isn't over refuses again."""
    window_s = draft.policy.rate_limiting_interval or 0
    own_s = sum(one.wait_s for one in tries(draft))
    sdk_s = sum(
        min(SDK_FIRST_S * 2**number, SDK_LONGEST_S) for number in range(draft.client_retries)
    )
    limited = bool(draft.policy.rate_limiting_limit and window_s)
    if not limited or not (own_s or sdk_s) or own_s + sdk_s >= window_s:
        return
    fixes = [Fix("Retry neither here nor in the client", _never)]
    if (longer := _lasting(draft, window_s)) is not None:
        fixes.insert(0, Fix("Wait until the window is over", longer))
    yield Trouble(
        "retry_delay",
        f"All retries are over after {_span(own_s + sdk_s)}, but the gateway's rate limit counts "
        f"{_span(window_s)}: whoever is refused stays refused. The gateway doesn't retry its own "
        "429 at all, so the client has to.",
        tuple(fixes),
    )


def _lasting(draft: Draft, window_s: int) -> Any:
    """Return the fix that stretches the waits beyond a window, where four of a minute do."""
    delay_ms = math.ceil(window_s * 1000 / 4)
    if len(draft.all_steps) > 1 or delay_ms > 60_000:
        return None

    def stretch(draft: Draft) -> Draft:
        quiet = draft.silent("max_attempts", "retry_delay", "backoff")
        return quiet.stating(max_attempts=5, retry_delay=delay_ms, backoff="constant")

    return stretch


def _never(draft: Draft) -> Draft:
    return replace(_once(draft), client_retries=0)


def amplification(draft: Draft) -> Iterator[Trouble]:
    """Retries multiply, and do so when a provider has least to spare."""
    here, client = len(tries(draft)), draft.client_retries + 1
    if client > 1 and here > 1 and here * client > MANY_CALLS:
        yield Trouble(
            "client_retries",
            f"One question can become {here * client} upstream calls: {here} tries of the gateway, "
            f"times {client} of the SDK. A provider in trouble gets more of it.",
            (Fix("Let only the gateway retry", lambda draft: replace(draft, client_retries=0)),),
        )


def repeated_step(draft: Draft) -> Iterator[Trouble]:
    """Falling back to what has just failed."""
    places = [(step.provider, step.model) for step in draft.all_steps]
    if len(set(places)) < len(places):
        yield Trouble(
            "steps",
            "Two steps ask the same provider for the same model: what failed there is asked "
            "again at once. More attempts with a delay say that better.",
            (Fix("Keep the first of each", _distinct),),
        )


def _distinct(draft: Draft) -> Draft:
    first = {(step.provider, step.model): step for step in reversed(draft.steps)}
    kept = [step for step in draft.steps if first[step.provider, step.model] is step]
    return replace(draft, steps=tuple(kept))


def _longest_timeout_s(draft: Draft) -> float:
    return max(settled(draft, index).timeout_s or 0.0 for index in range(len(draft.all_steps)))


def _last_start_s(draft: Draft) -> float:
    """Return when the last try begins, where every one before it takes its whole patience."""
    planned = tries(draft)
    before = sum((one.patience_s or 0.0) + one.wait_s for one in planned[:-1])
    return before + planned[-1].wait_s


def _enough_s(draft: Draft) -> float:
    """Return a client's patience with which every try has its time."""
    last: Try = tries(draft)[-1]
    own_s = max(last.patience_s or LAST_TRY_S, _longest_timeout_s(draft))
    return math.ceil(_last_start_s(draft) + own_s)


def _span(seconds: float) -> str:
    return spell_duration(round(seconds * 1000), "ms")


RULES = (
    Rule(
        id="retries-without-delay",
        severity="warning",
        source="configuration/request-handling.mdx",
        check=retries_without_delay,
    ),
    Rule(
        id="delay-without-retries",
        severity="warning",
        source="configuration/request-handling.mdx; configuration/manage-gateway.mdx",
        check=delay_without_retries,
    ),
    Rule(
        id="timeout-beyond-client",
        severity="warning",
        source="configuration/request-handling.mdx",
        check=timeout_beyond_client,
    ),
    Rule(
        id="plan-beyond-client",
        severity="warning",
        source="configuration/request-handling.mdx; configuration/fallbacks.mdx",
        check=plan_beyond_client,
    ),
    Rule(
        id="last-try-unlimited",
        severity="hint",
        source="configuration/request-handling.mdx",
        check=last_try_unlimited,
    ),
    Rule(
        id="retries-within-window",
        severity="hint",
        source="features/rate-limiting.mdx",
        check=retries_within_window,
    ),
    Rule(
        id="amplification",
        severity="warning",
        source="configuration/request-handling.mdx",
        check=amplification,
    ),
    Rule(
        id="repeated-step",
        severity="hint",
        source="configuration/fallbacks.mdx",
        check=repeated_step,
    ),
)

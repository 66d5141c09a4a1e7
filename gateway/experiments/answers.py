"""What a run of each preset answers to its question, in one sentence with its own figures."""

from collections.abc import Callable, Mapping

import pandas as pd

from gateway.experiments.metrics import METRICS
from gateway.experiments.plan import Outline, Variant
from gateway.experiments.story import name_of, shown


class Figures:
    """A run's summary, asked for single figures.

    All methods raise KeyError where there is no such figure: then there is no sentence either.
    """

    def __init__(self, plan: Outline, summary: pd.DataFrame) -> None:
        self.plan = plan
        known = summary.dropna(subset=["estimate"])
        keys = zip(known["variant_id"], known["metric"], known["slice"], strict=True)
        self._found = dict(zip(keys, known["estimate"].astype(float).tolist(), strict=True))

    def of(self, variant: str, metric: str, part: str = "all") -> float:
        """Return a figure."""
        return self._found[variant, metric, part]

    def share(self, variant: str, metric: str) -> str:
        """Return a share for the eye."""
        return shown(self.of(variant, metric), "share")

    def ms(self, variant: str, metric: str, part: str = "all") -> str:
        """Return a time for the eye."""
        return shown(self.of(variant, metric, part), "ms")

    def usd(self, variant: str, metric: str) -> str:
        """Return money for the eye."""
        return shown(self.of(variant, metric), "USD")

    def by(self, factor: str) -> list[Variant]:
        """Return the variants that have a factor, by its value."""
        found = [variant for variant in self.plan.variants if factor in variant.factors]
        if not found:
            raise KeyError(factor)
        return sorted(found, key=lambda variant: float(variant.factors[factor]))


def answer(plan: Outline, summary: pd.DataFrame) -> str | None:
    """Return the answer to a plan's question; ``None`` where the run has too little for one."""
    say = ANSWERS.get(plan.recipe.preset)
    try:
        return None if say is None else say(Figures(plan, summary))
    except KeyError:
        return None


def _repeats(told: Figures) -> str:
    hit, miss = (told.ms("cached", "e2e_p50_ms", part) for part in ("HIT", "MISS"))
    return (
        f"{told.share('cached', 'hit_ratio')} of the requests came from the cache, "
        f"in {hit} instead of {miss}."
    )


def _life(told: Figures) -> str:
    share = round(6 * told.of("ages", "hit_ratio"))
    return {
        3: "An entry lives for exactly its TTL: hits don't extend it.",
        5: "Hits extend an entry's life on this gateway.",
    }.get(share, "Entries expired at other moments than either rule says: see the timeline.")


def _law(told: Figures) -> str:
    low, *_, high = told.by("load")
    return (
        f"A prompt asked {low.factors['load']:g} times within a TTL comes from the cache "
        f"{told.share(low.id, 'hit_ratio')} of the time; asked {high.factors['load']:g} times, "
        f"{told.share(high.id, 'hit_ratio')}."
    )


def _lives(told: Figures) -> str:
    low, *_, high = told.by("ttl_s")
    return (
        f"A TTL of {high.factors['ttl_s']:g} s instead of {low.factors['ttl_s']:g} s raises the "
        f"hit ratio from {told.share(low.id, 'hit_ratio')} to {told.share(high.id, 'hit_ratio')}, "
        f"and what is saved from {told.usd(low.id, 'cost_saved_usd')} to "
        f"{told.usd(high.id, 'cost_saved_usd')}."
    )


def _keys(told: Figures) -> str:
    return (
        f"One key for each intent raises the hit ratio from {told.share('default', 'hit_ratio')} "
        f"to {told.share('custom', 'hit_ratio')}, but {told.share('custom', 'wrong_wording')} of "
        "the requests get an answer to another wording."
    )


def _skipped(told: Figures) -> str:
    hit = told.ms("cache", "e2e_p50_ms", "HIT")
    return f"A hit takes {hit}; the same prompt without the cache {told.ms('skip', 'e2e_p50_ms')}."


def _retries(told: Figures) -> str:
    hardest = told.by("p")[0].factors["p"]
    tried = [v for v in told.by("attempts") if v.factors.get("p") == hardest]
    few, many = tried[0], tried[-1]
    return (
        f"Where {100 * (1 - hardest):.3g} % of attempts fail, {many.factors['attempts']} tries "
        f"instead of {few.factors['attempts']} raise success from "
        f"{told.share(few.id, 'success')} to {told.share(many.id, 'success')}, with "
        f"{told.of(many.id, 'amplification'):.2f} attempts a request."
    )


def _rescued(told: Figures) -> str:
    best = max(told.by("delay_s"), key=lambda variant: told.of(variant.id, "success"))
    worst = min(told.by("delay_s"), key=lambda variant: told.of(variant.id, "success"))
    return (
        f"Of the requests that the outage hits, {best.label.lower()} rescues "
        f"{told.share(best.id, 'success')}, {worst.label.lower()} {told.share(worst.id, 'success')}"
        ": what counts is how long the attempts last, not how many there are."
    )


def _timeouts(told: Figures) -> str:
    timed = [variant for variant in told.by("timeout_s") if not variant.stream]
    best = min(timed, key=lambda variant: told.of(variant.id, "e2e_mean_ms"))
    return (
        f"A timeout of {best.factors['timeout_s']:g} s had the least mean latency, "
        f"{told.ms(best.id, 'e2e_mean_ms')}; {told.share(best.id, 'fallback_rate')} of its answers "
        "came from the fallback."
    )


def _limits(told: Figures) -> str:
    return (
        f"Fixed windows let {told.share('load-fixed', 'accepted')} of the requests through, "
        f"sliding ones {told.share('load-sliding', 'accepted')}."
    )


def _compared(told: Figures) -> str:
    first, *others = sorted(
        told.plan.variants, key=lambda variant: told.of(variant.id, "ttft_p50_ms")
    )
    rest = ", ".join(f"{v.label} after {told.ms(v.id, 'ttft_p50_ms')}" for v in others)
    return (
        f"{first.label} begins its median answer after {told.ms(first.id, 'ttft_p50_ms')}, {rest}; "
        "the chart shows whether that is more than chance."
    )


def _streamed(told: Figures) -> str:
    return (
        f"Streamed, the first words come after {told.ms('stream', 'ttft_p50_ms')}; in one piece "
        f"the answer comes after {told.ms('whole', 'e2e_p50_ms')}."
    )


def _loaded(told: Figures) -> str:
    clients = told.by("clients")
    best = max(clients, key=lambda variant: told.of(variant.id, "throughput_s"))
    return (
        f"Most answers came with {best.label}: {told.of(best.id, 'throughput_s'):,.0f} a second, "
        f"each after {told.ms(best.id, 'e2e_mean_ms')} on average, against "
        f"{told.ms(clients[0].id, 'e2e_mean_ms')} with {clients[0].label}."
    )


def _connected(told: Figures) -> str:
    fresh, kept, socket = (told.ms(name, "e2e_mean_ms") for name in ("fresh", "http", "ws"))
    return (
        f"A message takes {fresh} on average on a connection of its own, {kept} on one that is "
        f"kept, and {socket} on a WebSocket."
    )


def _herded(told: Figures) -> str:
    once, spread = (told.of(name, "upstream_calls") for name in ("at-once", "spread"))
    return (
        f"Asked at once, the same prompt reached the provider {once:,.0f} times; spread out, "
        f"{spread:,.0f} times."
    )


def _stormed(told: Figures) -> str:
    few, *_, many = told.by("attempts")
    return (
        f"{many.label} instead of {few.label.lower()} make "
        f"{told.of(many.id, 'amplification'):.1f} attempts a request, and "
        f"{told.share(many.id, 'success')} succeed instead of {told.share(few.id, 'success')}."
    )


def _designed(told: Figures) -> str:
    metric = told.plan.primary
    found = sorted((told.of(one.id, metric), one.label) for one in told.plan.variants)
    said = [f"{shown(value, METRICS[metric].unit)} with {label}" for value, label in found]
    name = name_of(metric)
    if len(said) <= 3:
        return f"{name}: {', '.join(said)}."
    return f"{name}: from {said[0]} to {said[-1]}."


ANSWERS: Mapping[str, Callable[[Figures], str]] = {
    "E01": _repeats,
    "E02": _life,
    "E03": _law,
    "E04": _lives,
    "E05": _keys,
    "E06": _skipped,
    "E07": _retries,
    "E08": _rescued,
    "E09": _timeouts,
    "E10": _limits,
    "E11": _compared,
    "E12": _streamed,
    "E13": _loaded,
    "E14": _connected,
    "E15": _herded,
    "E16": _stormed,
    "F01": _designed,
}
"""Each preset's sentence."""

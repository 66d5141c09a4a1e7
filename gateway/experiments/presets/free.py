"""F01: a free design: any headers, models and endpoints, under any load, with anybody's prompts."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gateway.errors import BadRequest
from gateway.experiments import draw
from gateway.experiments.design import CHOICES, read_axes, read_headers, variants_of
from gateway.experiments.plan import Call, Plan, Recipe, Variant
from gateway.experiments.presets import foresight
from gateway.experiments.presets.parts import TTL_HIGH, TTL_LOW, hits
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, exact, within
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.questions import checked

Json = Any
Knobs = Mapping[str, Json]
Floats = NDArray[np.float64]

ARRIVALS = ("closed", "poisson", "paced", "gamma", "recorded")
TIMED = ("poisson", "paced", "gamma")
ORDERS = ("one after another", "mixed")
POPULARITY = ("in turn", "zipf")
ANSWERS = ("natural", "timed")
MOST_CALLS = 200_000
METRICS = (
    "hit_ratio",
    "success",
    "e2e_p50_ms",
    "e2e_p95_ms",
    "e2e_p99_ms",
    "ttft_p50_ms",
    "amplification",
    "accepted",
    "fallback_rate",
)


def _moments(given: Json) -> tuple[float, ...]:
    """Read when recorded requests came, in seconds since the first."""
    known = isinstance(given, list | tuple) and all(
        isinstance(at, int | float) and not isinstance(at, bool) for at in given
    )
    if not known or any(a > b for a, b in pairwise(given)):
        raise BadRequest("moments_s must be a list of seconds that don't fall.")
    return tuple(float(at) for at in given)


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    _check(recipe, knobs)
    variants = variants_of(recipe, knobs["axes"], knobs["headers"], knobs)
    times = _times(recipe.seed, knobs)
    keys = _keys(recipe.seed, knobs)
    total = len(variants) * len(keys) * knobs["repetitions"]
    if total > MOST_CALLS:
        raise BadRequest(
            f"This design comes to {total:,} requests, and a run has {MOST_CALLS:,} at most: "
            "ask for fewer requests, repetitions or variants."
        )
    if recipe.cap_calls is not None and recipe.cap_calls < len(variants):
        raise BadRequest(
            f"There are more variants than requests: {len(variants)} variants, and the run stops "
            f"after {recipe.cap_calls}. Raise that cap, or leave values out."
        )
    return Plan(
        recipe=recipe,
        title=recipe.title or F01.title,
        question=recipe.notes or F01.question,
        primary=knobs["primary"],
        variants=variants,
        calls=tuple(_calls(recipe.seed, knobs, variants, keys, times)),
        gateways={one.gateway: {"cache_ttl": knobs["gateway_ttl_s"]} for one in variants},
        time_scale=knobs["time_scale"],
        pace="natural" if knobs["answers"] == "natural" else "instant",
        sequential_variants=knobs["order"] != "mixed",
    )


def _check(recipe: Recipe, knobs: Knobs) -> None:
    arrivals, prompts = knobs["arrivals"], knobs["prompts"]
    if arrivals == "recorded" and len(prompts) != len(knobs["moments_s"]):
        raise BadRequest(
            f"{len(prompts):,} prompts and {len(knobs['moments_s']):,} moments: a replay needs one "
            "moment for each prompt."
        )
    if arrivals == "recorded" and not prompts:
        raise BadRequest("Nothing is there to replay: take recorded requests first.")
    if arrivals == "closed" and knobs["order"] == "mixed" and knobs["concurrency"] > 1:
        raise BadRequest("Mixed variants are asked one at a time: set concurrency to 1.")
    ttl = knobs["gateway_ttl_s"]
    if ttl and not TTL_LOW <= ttl <= TTL_HIGH:
        raise BadRequest(
            f"gateway_ttl_s must be 0 (off) or from {TTL_LOW} to {TTL_HIGH} s, not {ttl}"
        )


def _times(seed: int, knobs: Knobs) -> Floats | None:
    """Return when each request of one repetition is due; ``None`` in a closed loop."""
    arrivals = knobs["arrivals"]
    if arrivals == "closed":
        return None
    if arrivals == "recorded":
        return np.array(knobs["moments_s"], dtype=np.float64) / float(knobs["speed"])
    times = draw.arrivals(
        draw.stream(seed, "arrivals"),
        knobs["rate"],
        count=knobs["requests"],
        kind=arrivals,
        burstiness=knobs["shape"],
    )
    return times - float(times[0])


def _keys(seed: int, knobs: Knobs) -> NDArray[np.int64]:
    """Return which prompt each request of one repetition asks; the same text is the same key."""
    texts = knobs["prompts"]
    count, known = knobs["requests"], len(texts) or knobs["keys"]
    if knobs["arrivals"] == "recorded":
        keys = np.arange(len(texts), dtype=np.int64)
    elif knobs["popularity"] == "zipf":
        keys = draw.popular(draw.stream(seed, "keys"), count, known, knobs["exponent"])
    else:
        keys = np.arange(count, dtype=np.int64) % known
    firsts: dict[str, int] = {}
    same = np.array([firsts.setdefault(text, at) for at, text in enumerate(texts)], dtype=np.int64)
    return np.asarray(same[keys] if texts else keys, dtype=np.int64)


def _calls(
    seed: int,
    knobs: Knobs,
    variants: Sequence[Variant],
    keys: NDArray[np.int64],
    times: Floats | None,
) -> list[Call]:
    """Return every call; each variant is given the same prompts, moments and failures."""
    count, turns = len(keys), knobs["repetitions"]
    texts = knobs["prompts"]
    asked = [texts[key] if texts else prompt(int(key), seed) for key in keys]
    faults = _faults(seed, knobs, count * turns)
    span_s = 0.0 if times is None else float(times[-1]) + float(times[-1]) / max(count - 1, 1)
    places = [(turn, i, one) for one in variants for turn in range(turns) for i in range(count)]
    if knobs["order"] == "mixed":
        order = draw.stream(seed, "order")
        places = [
            (turn, i, variants[int(which)])
            for turn in range(turns)
            for i in range(count)
            for which in order.permutation(len(variants))
        ]
    return [
        Call(
            seq=seq,
            variant=variant.id,
            prompt=asked[i],
            prompt_id=f"p{keys[i]:04}",
            key_id="custom" if variant.options.cache_key else f"p{keys[i]:04}",
            at_s=None if times is None else float(times[i]) + turn * span_s,
            fault=faults[turn * count + i],
            rep=turn,
            block=turn,
        )
        for seq, (turn, i, variant) in enumerate(places)
    ]


def _faults(seed: int, knobs: Knobs, count: int) -> list[str | None]:
    """Return what becomes of each request's attempts: the same for each variant."""
    took_ms = round(knobs["answer_s"] * 1000) if knobs["answers"] == "timed" else 0
    if knobs["success"] == 1:
        return [f"slow={took_ms}" if took_ms else None] * count
    drawn = draw.failures(
        draw.stream(seed, "faults"), count, foresight.MOST_TRIES, knobs["success"]
    )
    return [draw.script(one, good_ms=took_ms, failed_ms=took_ms) for one in drawn]


def _predict(plan: Plan) -> Sequence[Prediction]:
    return foresight.predictions(plan, F01.settled(plan.recipe))


def _unpredicted(plan: Plan) -> Mapping[str, str]:
    return foresight.reasons(plan, F01.settled(plan.recipe))


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    measures = {
        "hit_ratio": lambda rows: float(hits(rows).mean()),
        "success": lambda rows: float(rows["ok"].mean()),
        "amplification": lambda rows: float(rows["attempts"].mean()),
    }
    found = []
    for told in _predict(plan):
        rows = table[table["variant_id"] == told.variant]
        if len(rows) and not (told.metric == "amplification" and rows["attempts"].isna().any()):
            label = f"{NAMES[told.metric]} of {plan.variant(told.variant).label} ({told.formula})"
            measured = measures[told.metric](rows)
            found.append(
                within(label, measured, told.value, 4 * told.se)
                if told.se
                else exact(label, f"{measured:.4g}", f"{told.value:.4g}")
            )
    return found


NAMES = {"hit_ratio": "Hit ratio", "success": "Success", "amplification": "Attempts a request"}


def _words(name: str, label: str, choices: tuple[str, ...], help: str = "") -> Knob:
    return Knob(name=name, label=label, default=choices[0], kind="text", choices=choices, help=help)


def _count(name: str, label: str, default: int, high: int, help: str = "") -> Knob:
    return Knob(name=name, label=label, default=default, kind="whole", low=1, high=high, help=help)


F01 = Preset(
    id="F01",
    title="A design of your own",
    question="What do these settings change?",
    family="free",
    primary="hit_ratio",
    plot="plain",
    knobs=(
        _words("primary", "What is compared", METRICS, "Chosen beforehand: one question a run."),
        _words("route", "Endpoint", CHOICES["route"]),
        _words("transport", "Transport", CHOICES["transport"]),
        _words("stream", "Stream", CHOICES["stream"]),
        _count("max_tokens", "Most tokens of an answer", 64, 100_000),
        _words("arrivals", "Requests come", ARRIVALS),
        _count("requests", "Requests a variant", 40, MOST_CALLS),
        _count(
            "repetitions",
            "Repetitions",
            1,
            100,
            "The same requests once more, after each other: by then the cache is warm.",
        ),
        _words("order", "Variants", ORDERS, "Mixed: each request goes to all of them in turn."),
        _count("concurrency", "Concurrency", 1, 256, "Requests under way at once."),
        Knob(name="rate", label="Rate", default=5.0, low=0.001, high=5000, unit="/s"),
        Knob(
            name="shape",
            label="Shape of gamma gaps",
            default=0.5,
            low=0.05,
            high=20,
            help="1 is Poisson; below 1 comes in bursts.",
        ),
        Knob(
            name="speed",
            label="Speed of the replay",
            default=1.0,
            low=0.001,
            high=100_000,
            help="1 is the original spacing; 2 is twice as fast.",
        ),
        _words("popularity", "Prompts are asked", POPULARITY),
        _count("keys", "Distinct prompts", 10, 100_000),
        Knob(name="exponent", label="Zipf exponent", default=1.0, low=0.01, high=5),
        _words(
            "answers",
            "Answers take",
            ANSWERS,
            "Natural: as long as the simulated provider's do. Timed: as long as you say, which "
            "makes hits predictable. On the local gateway only.",
        ),
        Knob(name="answer_s", label="Time of an answer", default=0.0, low=0, high=30, unit="s"),
        Knob(
            name="success",
            label="Attempts that succeed",
            default=1.0,
            kind="share",
            help="The others fail with 500. On the local gateway only.",
        ),
        Knob(
            name="gateway_ttl_s",
            label="Gateway's cache TTL",
            default=300,
            kind="whole",
            low=0,
            high=TTL_HIGH,
            unit="s",
            help="The gateway's own setting; 0 is off. A TTL header alone doesn't switch it on.",
        ),
        Knob(
            name="time_scale",
            label="Emulated seconds per second",
            default=1.0,
            low=1,
            high=3600,
            help="On the local gateway only. Latencies want 1: their noise grows with it.",
        ),
    ),
    structured={
        "axes": (read_axes, ()),
        "headers": (read_headers, {}),
        "prompts": (checked, ()),
        "moments_s": (_moments, ()),
    },
    draw=_draw,
    predict=_predict,
    unpredicted=_unpredicted,
    accept=_accept,
)

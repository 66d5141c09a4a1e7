"""P01: semantic probes. What no page documents, found out in at most ten requests each.

The answers are a gateway's certificate; expected is what the local gateway assumes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from gateway.experiments.plan import Call, Plan, Recipe, Variant
from gateway.experiments.presets.parts import SCALE, variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset
from gateway.experiments.presets.prompts import prompt
from gateway.headers import Options

Json = Any
Knobs = Mapping[str, Json]
Read = Callable[[pd.DataFrame, pd.DataFrame], str]
STATUSES = (400, 401, 404, 408, 409, 422, 429, 500, 502, 503)
DELAY_MS = 1000
UNKNOWN = "\N{EN DASH}"


class Asked(NamedTuple):
    """One request of a probe: when, which prompt, and what shall go wrong."""

    at_s: float
    item: int = 0
    fault: str | None = None


class Probe(NamedTuple):
    """One open question.

    Attributes:
        asked: Its requests; those of one probe have a gateway to themselves.
        read: The answer, from the probe's requests and attempts.
        expected: The answer of the local gateway, by the contract's assumptions.
        by_headers: Its requests need no failures and no settings of the gateway: they have a cache
            key of their own, so that a hosted gateway can be asked too.
    """

    id: str
    question: str
    asked: Sequence[Asked]
    read: Read
    expected: str
    settings: Mapping[str, Json] = {}
    options: Options = Options()
    first_options: Options | None = None
    stream: bool = False
    by_headers: bool = False


def _cache(table: pd.DataFrame) -> list[str]:
    return table.sort_values("seq")["cache_status"].astype(str).tolist()


def _tries(table: pd.DataFrame, attempts: pd.DataFrame) -> str:
    return {3: "n tries in all", 4: "n retries after the first try"}.get(
        len(attempts), f"{len(attempts)} tries for n = 3"
    )


def _backoff(table: pd.DataFrame, attempts: pd.DataFrame) -> str:
    waits = [round(wait / DELAY_MS, 1) for wait in attempts["wait_before_ms"].tolist()[1:]]
    laws = {
        "d, d, d, d": [1, 1, 1, 1],
        "d, 2d, 3d, 4d": [1, 2, 3, 4],
        "d, 2d, 4d, 8d": [1, 2, 4, 8],
    }
    for name, law in laws.items():
        if len(waits) == len(law) and all(
            abs(wait - due) <= 0.1 * due + 0.2 for wait, due in zip(waits, law, strict=True)
        ):
            return name
    return ", ".join(f"{wait:g}d" for wait in waits) or "no wait seen"


def _retried(table: pd.DataFrame, attempts: pd.DataFrame) -> str:
    tries = attempts.groupby("request_id", sort=False)["k"].max()
    joined = table.sort_values("seq").set_index("request_id")
    again = [
        str(status)
        for status, request in zip(STATUSES, joined.index, strict=False)
        if tries.get(request, 0) > 1
    ]
    return ", ".join(again) or "none"


def _last(words: Mapping[str, str]) -> Read:
    def read(table: pd.DataFrame, attempts: pd.DataFrame) -> str:
        return words.get(_cache(table)[-1], _cache(table)[-1])

    return read


def _passed(yes: str, no: str) -> Read:
    def read(table: pd.DataFrame, attempts: pd.DataFrame) -> str:
        last = table.sort_values("seq").iloc[-1]
        return no if last["error_class"] == "rate_limited_gateway" else yes

    return read


def _coalesced(table: pd.DataFrame, attempts: pd.DataFrame) -> str:
    return "each asks the provider" if len(attempts) > 1 else "one asks for all"


def _untimed(table: pd.DataFrame, attempts: pd.DataFrame) -> str:
    return "not timed" if bool(table["ok"].fillna(False).all()) else "timed as well"


CACHES = {"cache_ttl": 60}
KEYED = Options(cache_ttl=60, cache_key="probe")
FAILS = ", ".join(["500"] * 6)
PROBES: tuple[Probe, ...] = (
    Probe(
        "tries",
        "Does max-attempts n mean n tries, or n retries?",
        (Asked(0, fault=FAILS),),
        _tries,
        "n tries in all",
        options=Options(max_attempts=3, retry_delay=0),
    ),
    *(
        Probe(
            f"backoff-{kind}",
            f"Which waits has {kind} backoff?",
            (Asked(0, fault=FAILS),),
            _backoff,
            law,
            options=Options(max_attempts=5, retry_delay=DELAY_MS, backoff=kind),
        )
        for kind, law in (
            ("constant", "d, d, d, d"),
            ("linear", "d, 2d, 3d, 4d"),
            ("exponential", "d, 2d, 4d, 8d"),
        )
    ),
    Probe(
        "retried",
        "Which statuses are tried again?",
        tuple(Asked(i, i, f"status={status}, ok") for i, status in enumerate(STATUSES)),
        _retried,
        "408, 429, 500, 502, 503",
        options=Options(max_attempts=2, retry_delay=0),
    ),
    Probe(
        "last-try",
        "Is the last try timed as well?",
        (Asked(0, fault="slow=5000, slow=5000"),),
        _untimed,
        "not timed",
        options=Options(max_attempts=2, retry_delay=0, request_timeout=1000),
    ),
    Probe(
        "skip-writes",
        "Is an answer stored that skipped the cache?",
        (Asked(0), Asked(40)),
        _last({"HIT": "it is stored", "MISS": "it isn't stored"}),
        "it isn't stored",
        options=KEYED,
        first_options=replace(KEYED, skip_cache=True),
        by_headers=True,
    ),
    Probe(
        "errors",
        "Are errors stored?",
        (Asked(0, fault="500"), Asked(40)),
        _last({"HIT": "they are stored", "MISS": "they aren't stored"}),
        "they aren't stored",
        CACHES,
    ),
    Probe(
        "streams",
        "Are streamed answers stored?",
        (Asked(0), Asked(40)),
        _last({"HIT": "they are stored", "MISS": "they aren't stored"}),
        "they aren't stored",
        options=KEYED,
        stream=True,
        by_headers=True,
    ),
    Probe(
        "refresh",
        "Does a hit extend an entry's life?",
        (Asked(0), Asked(40), Asked(80)),
        _last({"HIT": "it does", "MISS": "it doesn't"}),
        "it doesn't",
        options=KEYED,
        by_headers=True,
    ),
    Probe(
        "anchor",
        "Does a life begin with the request, or with the write?",
        (Asked(0, fault="slow=20000"), Asked(70)),
        _last({"HIT": "with the write", "MISS": "with the request"}),
        "with the write",
        CACHES,
    ),
    Probe(
        "writes",
        "Of two fills at once, which write counts?",
        (Asked(0, fault="slow=10000"), Asked(1, fault="slow=30000"), Asked(80)),
        _last({"HIT": "the last", "MISS": "the first"}),
        "the last",
        CACHES,
    ),
    Probe(
        "herd",
        "Do identical requests at once wait for one answer?",
        (Asked(0, fault="slow=5000"), Asked(0, fault="slow=5000")),
        _coalesced,
        "each asks the provider",
        CACHES,
    ),
    Probe(
        "refused",
        "Do refused requests use up a sliding limit?",
        (Asked(0), Asked(40, 1), Asked(80, 2)),
        _passed("they don't", "they do"),
        "they don't",
        {
            "rate_limiting_limit": 1,
            "rate_limiting_interval": 60,
            "rate_limiting_technique": "sliding",
        },
    ),
    Probe(
        "hits",
        "Do cache hits use up the limit?",
        (Asked(0), Asked(5), Asked(10, 1)),
        _passed("they don't", "they do"),
        "they do",
        {
            "cache_ttl": 60,
            "rate_limiting_limit": 2,
            "rate_limiting_interval": 60,
            "rate_limiting_technique": "sliding",
        },
    ),
    Probe(
        "sliding",
        "Is a sliding limit a log, or two counters?",
        (*(Asked(50, i) for i in range(9)), Asked(66, 9), Asked(67, 10)),
        _passed("two counters", "a log"),
        "a log",
        {
            "rate_limiting_limit": 10,
            "rate_limiting_interval": 60,
            "rate_limiting_technique": "sliding",
        },
    ),
)
"""They run side by side, and ask well away from the moment at which an answer would change. One
place can't tell whether caches are per location."""

ALL, BY_HEADERS = "all", "by headers"
REACH = Knob(
    name="reach",
    label="Probes",
    default=ALL,
    kind="text",
    choices=(ALL, BY_HEADERS),
    help="A hosted gateway can be asked only what needs no failing provider and no other settings.",
)


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    variants: list[Variant] = []
    calls: list[Call] = []
    probes = [probe for probe in PROBES if probe.by_headers or knobs["reach"] == ALL]
    for probe in probes:
        key = f"{probe.id}-{recipe.seed}"
        usual = variant_of(
            recipe,
            probe.id,
            probe.question,
            gateway=probe.id,
            options=_keyed(probe.options, key),
            stream=probe.stream,
        )
        for number, asked in enumerate(probe.asked):
            first = number == 0 and probe.first_options is not None
            variant = usual
            if first and probe.first_options is not None:
                variant = replace(
                    usual, id=f"{probe.id}-first", options=_keyed(probe.first_options, key)
                )
            if variant not in variants:
                variants.append(variant)
            calls.append(
                Call(
                    seq=len(calls),
                    variant=variant.id,
                    prompt=prompt(asked.item, recipe.seed),
                    prompt_id=f"p{asked.item}",
                    key_id=f"p{asked.item}",
                    at_s=asked.at_s,
                    fault=asked.fault,
                    phase="probe",
                )
            )
    return Plan(
        recipe=recipe,
        title=P01.title,
        question=P01.question,
        primary=P01.primary,
        variants=tuple(variants),
        calls=tuple(calls),
        gateways={probe.id: probe.settings for probe in probes},
        time_scale=knobs["time_scale"],
        pace="instant",
        align_s=60.0,
        sequential_variants=False,
    )


def _keyed(options: Options, key: str) -> Options:
    return replace(options, cache_key=key) if options.cache_key else options


def _predict(plan: Plan) -> Sequence[Prediction]:
    return ()


def answers(table: pd.DataFrame, attempts: pd.DataFrame) -> dict[str, str]:
    """Return the certificate: probe -> answer; ``UNKNOWN`` where the run can't tell."""
    found = {}
    for probe in PROBES:
        rows = table[table["variant_id"].isin([probe.id, f"{probe.id}-first"])]
        mine = attempts[attempts["request_id"].isin(rows["request_id"])]
        whole = len(rows) == len(probe.asked) and (rows["status"].fillna(0) != 0).all()
        # Answered from an entry of an earlier run: nothing can be told from it.
        stale = probe.by_headers and whole and _cache(rows)[0] == "HIT"
        found[probe.id] = probe.read(rows, mine) if whole and not stale else UNKNOWN
    return found


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    found = answers(table, attempts)
    return [
        Finding(
            sentence=probe.question,
            ok=None if found[probe.id] == UNKNOWN else found[probe.id] == probe.expected,
            expected=probe.expected,
            measured=found[probe.id],
        )
        for probe in PROBES
        if probe.id in plan.gateways
    ]


P01 = Preset(
    id="P01",
    title="Semantic probes",
    question="Which rules does this gateway follow where no page says so?",
    family="custom",
    primary="success",
    plot="plain",
    knobs=(REACH, replace(SCALE, default=60.0)),
    draw=_draw,
    predict=_predict,
    accept=_accept,
)

"""A run told in a few words: the numbers, the verdict, how sure, and what it is worth."""

from dataclasses import replace

import pytest

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS, Finding
from gateway.experiments.rows import table
from gateway.experiments.story import UNKNOWN, shown, story
from gateway.experiments.summary import summarise

HELD, FAILED = Finding(sentence="Holds", ok=True), Finding(sentence="Fails", ok=False)
PLAN = PRESETS["E01"].plan(Recipe(preset="E01", knobs={"prompts": 2, "passes": 5}))
AB = PRESETS["E06"].plan(Recipe(preset="E06", knobs={"prompts": 2, "rounds": 2}))


def rows(statuses, variant="cached", e2e=(10.0, 500.0)):
    """Return requests: hits and misses with their usual times, a cent each."""
    hit_ms, miss_ms = e2e
    return [
        {"seq": i, "variant_id": variant, "phase": "measure", "ok": True, "status": 200}
        | {"cache_status": status, "t_send_s": float(i), "attempts": int(status != "HIT")}
        | {"e2e_ms": hit_ms if status == "HIT" else miss_ms, "cost_list_usd": 0.01, "rep": 1}
        | {"cost_usd": 0.01 * (status != "HIT"), "cost_saved_usd": 0.01 * (status == "HIT")}
        for i, status in enumerate(statuses)
    ]


def told(plan, *groups, findings=(HELD,), state="done"):
    preset = PRESETS[plan.recipe.preset]
    summary = summarise(
        table([row for group in groups for row in group]),
        preset.predict(plan),
        primary=plan.primary,
    )
    return story(plan, preset.family, summary, findings, state=state)


def test_three_numbers_begin_with_the_question_s():
    """Four of five come from the cache; money and calls follow."""
    found = told(PLAN, rows(["MISS"] * 2 + ["HIT"] * 8))

    assert [number.value for number in found.numbers] == ["80.0 %", "$0.08", "2"]
    assert "predicted 80.0 % by C6" in found.numbers[0].why


def test_money_and_time_saved_are_named():
    """Eight cents of ten, and half a second each."""
    found = told(PLAN, rows(["MISS"] * 2 + ["HIT"] * 8))

    assert found.worth == (
        "The cache saved 80 % of the money ($0.08) and 490 ms for each answer from the cache."
    )


def test_time_is_only_saved_where_somebody_takes_it():
    """On a faster clock a latency is our own noise; money is saved all the same."""
    quick = replace(PLAN, pace="instant")

    assert told(quick, rows(["MISS", "HIT"])).worth == "The cache saved 50 % of the money ($0.01)."


def test_late_generator_is_named_where_checks_fail():
    """It may be our fault, not the gateway's."""
    summary = summarise(table(rows(["MISS"])))

    late = story(PLAN, "cache", summary, [FAILED], state="done", punctual=False)

    assert "run it again before you conclude" in late.sentence


def test_no_hit_saves_nothing():
    """Then nothing is said of it."""
    assert told(PLAN, rows(["MISS"] * 4)).worth is None


@pytest.mark.parametrize(
    ("findings", "state", "sentence"),
    [
        ((HELD, HELD), "done", "All 2 checks hold"),
        ((HELD, FAILED), "done", "1 of 2 checks fail, first: Fails"),
        ((HELD, FAILED), "cancelled", "ended early"),
        ((), "done", "nothing was said beforehand"),
    ],
)
def test_sentence_is_the_verdict(findings, state, sentence):
    """One that ended early concludes nothing."""
    assert sentence in told(PLAN, rows(["MISS"]), findings=findings, state=state).sentence


def test_exact_predictions_have_no_chance_in_them():
    """The words fit the kind of prediction."""
    assert "no chance" in told(PLAN, rows(["MISS", "HIT"])).sure


def test_break_even_needs_an_arm_without_a_cache():
    """A miss took 20 ms more, a hit 490 ms less than a miss: about 4 %."""
    skip = rows(["BYPASS"] * 4, variant="skip", e2e=(0.0, 480.0))
    used = rows(["MISS", "HIT"], variant="cache")

    assert "ratio of 4.1 % on" in told(AB, skip, used).break_even
    assert told(PLAN, rows(["MISS", "HIT"])).break_even is None


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.8, "share", "80.0 %"),
        (812.4, "ms", "812 ms"),
        (1253.0, "ms", "1.25 s"),
        (0.67, "ms", "0.7 ms"),
        (0.0012, "USD", "$0.0012"),
        (1234.5, "USD", "$1,234.50"),
        (20, "attempts", "20"),
        (None, "ms", UNKNOWN),
        (float("inf"), "ms", UNKNOWN),
    ],
)
def test_figures_are_for_the_eye(value, unit, words):
    """With a unit each; unknown is a dash."""
    assert shown(value, unit) == words

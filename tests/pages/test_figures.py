"""The figures under an answer: eight in order, and a dash with a reason where one isn't known."""

import pytest

from gateway.chat import Chat, Completion, Cost, Exchange, Reply, Times, Usage, say
from gateway.evidence import Bar, Gaps, Marks, Timeline
from pages.parts.figures import GLUE, UNKNOWN, age, difference, figures, ms, saving, usd

LABELS = ["TTFT", "Total", "In/out", "Tokens/s", "Cost", "Cache", "Step", "HTTP"]
CHAT = Chat(provider="openai", model="gpt-5-mini", messages=say("Hello"))


def exchange(*, usage=None, streamed=True, cost=None, original_ms=None, headers=(), **reply):
    """An exchange of one second: 100 tokens in, 41 out, the first after 200 ms."""
    usage = Usage(tokens_in=100, tokens_out=41) if usage is None else usage
    first, last = (0.2, 0.9) if streamed else (None, None)
    times = Times(headers_s=0.1, first_s=first, last_s=last, end_s=1.0)
    completion = Completion(text=reply.pop("text", "Hi"), usage=usage)
    status = reply.pop("status", 200)
    return Exchange(
        chat=CHAT,
        target="local",
        reply=Reply(status=status, headers=headers, completion=completion, times=times, **reply),
        cost=cost,
        original_ms=original_ms,
    )


def by_label(found):
    """Label -> value."""
    return {figure.label: figure.value for figure in found}


def test_all_known():
    """A streamed answer with everything reported has eight values and no dash."""
    headers = (("cf-aig-cache-status", "MISS"), ("cf-aig-step", "0"))
    cost = Cost(usd=0.000412, list_usd=0.000412, source="genai-prices")

    values = by_label(figures(exchange(headers=headers, cost=cost)))

    assert list(values) == LABELS
    assert values["TTFT"] == ms(200)
    assert values["Total"] == ms(1_000)
    assert values["In/out"] == "100/41"
    assert values["Tokens/s"] == "57"
    assert values["Cost"] == r"\$0.000412"
    assert values["Cache"] == "MISS"
    assert values["Step"] == "0"
    assert values["HTTP"] == "200"


UNKNOWNS = [
    ("TTFT", {"streamed": False}, "Not streamed"),
    ("TTFT", {"streamed": False, "text": "", "status": 429}, "No text"),
    ("In/out", {"usage": Usage()}, "reported no token counts"),
    ("In/out", {"usage": Usage(), "stopped": True}, "ended before"),
    ("In/out", {"usage": Usage(), "broken": "Cut."}, "ended before"),
    ("Tokens/s", {"usage": Usage(tokens_in=9, tokens_out=1)}, "Too few"),
    ("Tokens/s", {"headers": (("cf-aig-cache-status", "HIT"),)}, "From the cache"),
    ("Cost", {}, "No price"),
    ("Cost", {"usage": Usage()}, "no token counts"),
    ("Cache", {}, "no cache status"),
    ("Step", {}, "no step"),
]


@pytest.mark.parametrize(("label", "given", "reason"), UNKNOWNS)
def test_unknown_is_a_dash_with_its_reason(label, given, reason):
    """What isn't known is never 0, and it is said why."""
    [figure] = [f for f in figures(exchange(**given)) if f.label == label]

    assert figure.value == UNKNOWN
    assert reason in figure.why


def test_half_of_the_tokens_known():
    """One count that is missing doesn't hide the other."""
    usage = Usage(tokens_out=41)

    assert by_label(figures(exchange(usage=usage)))["In/out"] == f"{UNKNOWN}/41"


def test_no_answer_has_no_figures():
    """Where nothing came back there is nothing to measure."""
    assert figures(Exchange(chat=CHAT, target="local")) == []


def test_hit_shows_what_it_saved():
    """A hit costs nothing; what the same answer would have cost and taken was saved."""
    cost = Cost(usd=0.0, list_usd=0.000412, source="genai-prices")
    hit = exchange(headers=(("cf-aig-cache-status", "HIT"),), cost=cost, original_ms=3_500)

    assert saving(hit) == f"Saved {usd(0.000412)} and {ms(2_500)}"


def test_hit_without_price_and_original_is_still_marked():
    """A hit whose saving nobody knows says that it is one."""
    hit = exchange(headers=(("cf-aig-cache-status", "HIT"),))

    assert saving(hit) == "From the cache"


def test_hit_keeps_the_original_time():
    """The time of a look-up is labelled as one, beside what the answer took afresh."""
    hit = exchange(headers=(("cf-aig-cache-status", "HIT"),), original_ms=3_500)

    [total] = [figure for figure in figures(hit) if figure.label == "Total"]
    assert ms(3_500) in total.why


@pytest.mark.parametrize("status", ["MISS", None])
def test_fresh_answer_saves_nothing(status):
    """Only a hit saves."""
    headers = (("cf-aig-cache-status", status),) if status else ()

    assert saving(exchange(headers=headers, original_ms=3_500)) is None


SPELLED = [(0.4, "0 ms"), (312.4, "312 ms"), (999.4, "999 ms"), (1_940, "1.94 s"), (None, UNKNOWN)]


@pytest.mark.parametrize(("value", "spelled"), SPELLED)
def test_times_are_spelled_for_the_eye(value, spelled):
    """Milliseconds below a second, then seconds; number and unit never part at a line's end."""
    assert ms(value) == spelled.replace(" ", "\N{NO-BREAK SPACE}")


AGES = [(0.4, "0 s"), (59, "59 s"), (61, "1 min"), (7_200, "2 h"), (200_000, "2 d")]


@pytest.mark.parametrize(("seconds", "spelled"), AGES)
def test_ages_are_spelled_in_the_unit_that_fits(seconds, spelled):
    """A stored answer may be seconds or a month old."""
    assert age(seconds) == spelled.replace(" ", "\N{NO-BREAK SPACE}")


def test_differences_have_a_sign():
    """Below 0 is faster than the first column."""
    assert difference(-1_500) == f"\N{MINUS SIGN}{ms(1_500)}"
    assert difference(20) == f"+{ms(20)}"


def marks_by_label(found):
    """Label -> what stands beside the value, where something does."""
    return {figure.label: figure.mark for figure in found if figure.mark}


def test_comparison_stands_beside_the_values():
    """Distinctions and distances to the first column, and nothing where there are none."""
    cost = Cost(usd=0.000412, list_usd=0.000412, source="genai-prices")
    marks = Marks(fastest=True, cheapest=True, total_ms=-200.0, ttft_ms=30.0)

    assert marks_by_label(figures(exchange(cost=cost), marks=marks)) == {
        "TTFT": f":gray[{difference(30)}]",
        "Total": f":gray[{difference(-200)}] :green[fastest]",
        "Cost": ":green[cheapest]",
    }
    assert marks_by_label(figures(exchange(cost=cost))) == {}


def test_reported_parts_of_the_tokens_stand_beside_them():
    """Cached and reasoning tokens, where the provider tells."""
    usage = Usage(tokens_in=100, tokens_out=41, cached_in=64, reasoning=20)

    assert marks_by_label(figures(exchange(usage=usage)))["In/out"] == (
        ":gray[(64 cached, 20 reasoning)]"
    )


def test_hit_has_its_age_and_what_the_answer_took():
    """The look-up's time is never taken for the model's."""
    headers = (("cf-aig-cache-status", "HIT"),)
    found = figures(exchange(headers=headers, original_ms=3_500), age_s=61)

    assert marks_by_label(found)["Cache"] == f":gray[{age(61)} old, took {ms(3_500)}]"


def test_tries_are_told_by_the_journal_only():
    """What is merely inferred is no count."""
    headers = (("cf-aig-step", "0"),)
    told = Timeline((Bar(kind="attempt", label="OpenAI", step=0),) * 2, "")
    guessed = Timeline((Bar(kind="attempt", label="OpenAI", step=0, source="inferred"),), "")

    assert marks_by_label(figures(exchange(headers=headers), timeline=told))["Step"] == (
        f":gray[2{GLUE}tries]"
    )
    assert "Step" not in marks_by_label(figures(exchange(headers=headers), timeline=guessed))


def test_arrival_is_a_figure_with_its_reason():
    """Streamed, buffered or replayed: with the figures that the verdict rests on."""
    found = figures(exchange(), gaps=Gaps(verdict="buffered", why="One lump."))

    [arrival] = [figure for figure in found if figure.label == "Arrival"]
    assert (arrival.value, arrival.why) == ("buffered", "One lump.")

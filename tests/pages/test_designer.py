"""The free designer: what varies, what is asked and when; bad input at its place; plans kept."""

import pytest

from gateway.chat import Chat, say
from gateway.experiments.plan import Recipe
from pages.parts import state
from pages.parts.experiment_plans import KIND
from tests.pages.visit import opened

PAGE = "pages/measure/experiments.py"
PATIENCE_S = 60
F01 = "experiments.F01"


@pytest.fixture
def page():
    """The designer as a visitor first sees it."""
    page = opened(PAGE)
    page.session_state["experiments.family"] = "free"
    page.run()
    assert not page.exception
    return page


def words(page):
    """Everything that the page says."""
    elements = (*page.markdown, *page.caption, *page.error, *page.warning, *page.header)
    tables = [str(table.value.to_dict()) for table in (*page.table, *page.dataframe)]
    metrics = [f"{metric.label} {metric.value}" for metric in page.metric]
    return "\n".join([*(str(element.value) for element in elements), *tables, *metrics])


def press(page, label):
    next(button for button in page.button if button.label == label).click()
    page.run()
    assert not page.exception


def put(page, **values):
    """Put values under the designer's names, as a plan that is opened does."""
    for name, value in values.items():
        page.session_state[f"{F01}.{name.replace('__', '.')}"] = value
    page.run()
    assert not page.exception


def buttons(page):
    return [button.label for button in page.button]


def test_first_visit_shows_a_sweep(page):
    """Two lives of an answer: one is predicted, the other has its reason."""
    said = words(page)

    assert "Requests 80" in said
    assert "C6, drawn" in said
    assert "some may expire" in said
    assert state.workbench().lab.queue() == ()


def test_axes_are_drawn_as_their_headers_want(page):
    """A switch is chosen, a duration typed, names stand one a line; three axes of two: eight."""
    page.multiselect(key=f"{F01}.vary").set_value(["cache_ttl", "skip_cache", "allowed_models"])
    page.run()
    page.multiselect(key=f"{F01}.axis.skip_cache").set_value(["not stated", "true"])
    page.text_area(key=f"{F01}.axis.allowed_models").set_value("a,b\nc").run()

    assert not page.exception
    assert f"Requests {8 * 40}" in words(page)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("cache_ttl", "5 s", "Cache TTL must be 0 or from 60 to 2592000 s, not '5 s'"),
        ("cache_ttl", "60, 1 min", "same value twice, 1 min"),
        ("cache_ttl", "", "Cache TTL needs at least one value"),
        ("max_attempts", "1, 6", "Max attempts must be from 1 to 5"),
        ("max_tokens", "0", "whole number from 1"),
    ],
)
def test_refused_value_is_said_at_its_place(page, name, text, sentence):
    """Nothing can be run until it is corrected."""
    page.multiselect(key=f"{F01}.vary").set_value([name]).run()
    page.text_input(key=f"{F01}.axis.{name}").set_value(text).run()

    assert sentence in words(page)
    assert "Correct the marked values" in words(page)
    assert "Run" not in buttons(page)


def test_header_for_all_is_refused_at_its_place(page):
    """As the header builder refuses it."""
    page.multiselect(key=f"{F01}.keep").set_value(["retry_delay"]).run()
    page.text_input(key=f"{F01}.header.retry_delay").set_value("1 h").run()

    assert "Retry delay must be from 0" in words(page)
    assert "Run" not in buttons(page)


def test_zero_rate_is_refused_at_its_place(page):
    """An open loop without requests never begins."""
    put(page, arrivals="poisson")
    page.number_input(key=f"{F01}.rate").set_value(0.0).run()

    assert "rate must be a number from 0.001" in words(page)
    assert "Run" not in buttons(page)


def test_more_variants_than_requests_are_refused(page):
    """The cap lets one request through, and there are two variants."""
    page.number_input(key=f"{F01}.cap_calls").set_value(1).run()

    assert "There are more variants than requests: 2 variants" in words(page)
    assert "Run" not in buttons(page)


@pytest.mark.parametrize("arrivals", ["poisson", "paced", "gamma"])
def test_open_loops_have_their_own_knobs(page, arrivals):
    """A rate, a shape for gamma only, no concurrency; Zipf's exponent where it is chosen."""
    put(page, arrivals=arrivals, popularity="zipf")
    labels = [widget.label for widget in page.number_input]

    assert "Rate (/s)" in labels
    assert ("Shape of gamma gaps" in labels) == (arrivals == "gamma")
    assert "Concurrency" not in labels
    assert "Zipf exponent" in labels


def test_typed_prompts_are_asked(page):
    """Three lines, one of them twice: two misses."""
    put(page, source="typed", typed="Why?\nHow?\nWhy?", requests=3, axis__cache_ttl="1 h")

    assert "Requests 3" in words(page)
    assert "33.3 %" in words(page)


def test_no_prompt_is_said(page):
    """Nothing typed yet: nothing to run."""
    put(page, source="typed")

    assert "No prompt yet" in words(page)
    assert "Run" not in buttons(page)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"prompt,b\nWhy?\n", "a.csv, line 2: 1 cells, and the header has 2"),
        ("a.jsonl", b'"ok"\n{', "a.jsonl, line 2: not JSON"),
    ],
)
def test_bad_prompt_file_is_explained_at_its_place(page, name, data, sentence):
    """With the number of the line."""
    put(page, source="file")
    page.file_uploader(key=f"{F01}.file").upload(name, data, "text/plain").run()

    assert sentence in words(page)
    assert "Run" not in buttons(page)


def test_prompt_file_is_asked(page):
    """How many, and how it begins."""
    put(page, source="file", requests=2)
    page.file_uploader(key=f"{F01}.file").upload("a.csv", b"prompt\nWhy?\nHow?\n", "text/csv").run()

    assert "2 prompts, the first: Why?" in words(page)
    assert "Requests 4" in words(page)


def test_recorded_requests_are_replayed(page):
    """Those of the playground, with their spacing; before they are taken there is nothing."""
    bench = state.workbench()
    for prompt in ("Why?", "How?"):
        chat = Chat(provider="openai", model="gpt-5.4-mini", messages=say(prompt))
        bench.ask(chat).wait(PATIENCE_S)
    put(page, arrivals="recorded")
    assert "Nothing is taken yet" in words(page)
    page.number_input(key=f"{F01}.count").set_value(2).run()
    press(page, "Take them")

    assert "2 requests over" in words(page)
    assert "Requests 4" in words(page)


def test_design_is_run_and_run_again(page):
    """From the button to the table; the form is filled with it again."""
    put(page, requests=4, keys=2, answers="timed", axis__cache_ttl="1 min, 1 h", title="Two lives")
    press(page, "Run")
    run_id = state.workbench().lab.runs()[0].id
    state.workbench().lab.wait(run_id, PATIENCE_S)
    page.run()

    assert "F01 Two lives" in words(page)
    assert "Answered from the cache 50.0 %" in words(page)
    put(page)
    page.session_state["experiments.level"] = "full"
    page.run()
    assert "Cache TTL 1 min" in words(page)
    assert "matches" in words(page)

    fresh = opened(PAGE, run=run_id)
    press(fresh, "Run again")
    assert fresh.text_input(key=f"{F01}.axis.cache_ttl").value == "1 min, 1 h"
    assert fresh.text_input(key=f"{F01}.title").value == "Two lives"
    assert "Requests 8" in words(fresh)


TOML = """
preset = "F01"
title = "Policies"
cap_calls = 30

[knobs]
arrivals = "gamma"
shape = 0.25
prompts = ["Why?", "How?"]
headers = {retry_delay = 100, skip_cache = true}
axes = [
    {name = "max_attempts", values = ["", 1, 3]},
    {name = "model", values = ["openai/gpt-5.4-mini", "anthropic/ours-1"]},
    {name = "backoff", values = ["linear", ""]},
]
"""


def test_plan_file_fills_the_designer(page):
    """Every part of it; a model that isn't in our list as well."""
    page.text_area(key="experiments.text").set_value(TOML)
    press(page, "Open the plan")

    assert page.multiselect(key=f"{F01}.vary").value == ["max_attempts", "model", "backoff"]
    assert page.text_input(key=f"{F01}.axis.max_attempts").value == "not stated, 1, 3"
    assert page.multiselect(key=f"{F01}.axis.backoff").value == ["linear", "not stated"]
    assert page.text_input(key=f"{F01}.header.retry_delay").value == "100 ms"
    assert page.text_area(key=f"{F01}.typed").value == "Why?\nHow?"
    assert "Requests 480" in words(page)
    assert "It stops after 30 of 480 requests" in words(page)


def test_plan_is_saved_by_name_opened_and_deleted(page):
    """The same recipe comes back from the shelf."""
    put(page, requests=7)
    page.text_input(key="experiments.plan.name").set_value("Seven")
    press(page, "Save")
    shelf = state.workbench().shelf
    assert Recipe.from_json(shelf.fetch(KIND, "Seven")).knobs["requests"] == 7

    other = opened(PAGE)
    press(other, "Open")
    assert "Requests 14" in words(other)

    page.run()
    press(page, "Delete")
    assert shelf.names(KIND) == []


def test_plan_travels_in_a_link(page):
    """The address of one page is the form of another."""
    put(page, requests=9)
    link = next(code.value for code in page.code if "?plan=" in code.value)

    other = opened(PAGE, plan=link.partition("?plan=")[2])

    assert "Requests 18" in words(other)
    assert "plan" not in other.query_params


def test_damaged_link_is_explained():
    """The form is there all the same."""
    page = opened(PAGE, plan="1abc")

    assert "link" in words(page)
    assert "Before anything is sent" in "\n".join(one.value for one in page.subheader)


def test_queue_is_shown_in_order_and_a_waiting_run_taken_back():
    """Who runs, who is next, who is number two; the list has those that ended."""
    lab = state.workbench().lab
    long = Recipe(preset="E01", knobs={"prompts": 200, "passes": 2})
    first, second, third = (lab.start(long) for _ in range(3))
    try:
        page = opened(PAGE)
        said = words(page)
        assert said.index("next in line") < said.index("number 2 in line")
        page.button(key=f"experiments.stop.{second}").click().run()

        assert lab.wait(second, PATIENCE_S).state == "cancelled"
        assert lab.queue() == (first, third)
        page.run()
        assert f"experiments.delete.{second}" in [button.key for button in page.button]
    finally:
        for run_id in (third, first):
            lab.stop(run_id)
            lab.wait(run_id, PATIENCE_S)

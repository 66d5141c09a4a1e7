"""attempts: tries, waits and timeouts as the journal tells them.

The gateway of these tests runs at 60 emulated seconds per real one.
"""

import pytest

from tests.local.conftest import asking, code


@pytest.mark.rule(
    "retry.attempts_include_first",
    "retry.formula",
    "headers.max_attempts",
    "headers.retry_delay",
    "headers.backoff",
    "logs.row_per_step",
)
def test_failed_tries_are_repeated_with_growing_waits(gateway):
    """Fail, fail, succeed: three attempts, waits as the backoff says, one log row."""
    answer = gateway.ask(
        body=asking("retry"),
        cf_aig_max_attempts="4",
        cf_aig_retry_delay="2000",
        cf_aig_backoff="exponential",
        x_local_fault="status=503, status=429, ok",
    )
    tries = gateway.journal(answer)

    assert answer.status_code == 200
    assert [row["status"] for row in tries] == [503, 429, 200]
    assert [row["wait_before_s"] for row in tries] == [0, 2.0, 4.0]
    assert tries[1]["started_s"] - tries[0]["ended_s"] == pytest.approx(2.0, abs=1.5)
    assert gateway.log(answer)["status_code"] == 200


@pytest.mark.rule("retry.trigger")
def test_a_mistake_is_not_repeated(gateway):
    """400 comes back at once, though attempts are left."""
    answer = gateway.ask(
        body=asking("bad"), cf_aig_max_attempts="3", x_local_fault="status=400, ok"
    )

    assert answer.status_code == 400
    assert len(gateway.journal(answer)) == 1


@pytest.mark.rule("retry.last_error_unchanged", "errors.provider_untouched")
def test_last_error_comes_back_unchanged(gateway):
    """After the last try the caller sees the provider's answer."""
    answer = gateway.ask(
        body=asking("all fail"),
        cf_aig_max_attempts="2",
        x_local_fault="status=500, status=503, ok",
    )

    assert answer.status_code == 503
    assert len(gateway.journal(answer)) == 2


@pytest.mark.rule("retry.no_answer", "errors.2005")
@pytest.mark.parametrize("fault", ["reset", "timeout"])
def test_no_answer_is_2005(gateway, fault):
    """A connection that breaks, and one that stays silent beyond the timeout."""
    answer = gateway.ask(body=asking("silence"), cf_aig_request_timeout="3000", x_local_fault=fault)

    assert code(answer) == (400, 2005)
    assert gateway.newest_log("demo")["success"] is False


@pytest.mark.rule("retry.timeout_clock", "retry.timeout_retries", "headers.request_timeout")
def test_timeout_moves_on_to_the_next_try(gateway):
    """The clock runs until the first part of the answer only."""
    answer = gateway.ask(
        body=asking("slow first"),
        cf_aig_request_timeout="3000",
        cf_aig_max_attempts="2",
        x_local_fault="slow=30000, ok",
    )
    tries = gateway.journal(answer)

    assert answer.status_code == 200
    assert [row["state"] for row in tries] == ["failed", "done"]
    assert tries[0]["ended_s"] - tries[0]["started_s"] == pytest.approx(3.0, abs=1.5)


@pytest.mark.rule("retry.last_try_unlimited")
def test_last_try_is_waited_for(gateway):
    """No timeout on the final retry (contract: behaviour, 7)."""
    answer = gateway.ask(
        body=asking("slow last"),
        cf_aig_request_timeout="1000",
        cf_aig_max_attempts="2",
        x_local_fault="slow=9000, slow=9000",
    )

    assert answer.status_code == 200
    assert len(gateway.journal(answer)) == 2


@pytest.mark.rule("retry.gateway_defaults", "retry.defaults")
def test_gateway_s_own_settings_count_where_no_header_speaks(gateway):
    """Attempts, delay and backoff; without a delay there is no wait."""
    key = {"authorization": "Bearer sk-1", "x_local_fault": "503, 503, ok"}
    waiting = gateway.new_gateway(retry_max_attempts=3, retry_delay=500, retry_backoff="linear")
    at_once = gateway.new_gateway(retry_max_attempts=2)

    patient = gateway.journal(gateway.ask(gateway=waiting, **key))
    hasty = gateway.journal(gateway.ask(gateway=at_once, **key))

    assert [row["wait_before_s"] for row in patient] == [0, 0.5, 1.0]
    assert [row["wait_before_s"] for row in hasty] == [0, 0]


@pytest.mark.rule("retry.timeout_clock")
def test_stream_that_has_begun_is_never_cut(gateway):
    """However long its pauses are."""
    answer = gateway.ask(
        body={**asking("long pause"), "stream": True},
        cf_aig_request_timeout="1000",
        x_local_fault="stall=3000;after=1",
    )

    assert answer.status_code == 200
    assert answer.text.rstrip().endswith("data: [DONE]")

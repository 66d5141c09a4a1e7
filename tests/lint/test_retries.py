"""retries: who waits for whom, and how many calls come of one."""

from gateway.headers import Options
from gateway.lint.retries import RULES
from gateway.policy import GatewayPolicy
from tests.lint.drafts import LIMITED, made, said, step, stepping
from tests.lint.trials import trials

CASES = [
    (
        "retries-without-delay",
        said(max_attempts=3),
        said(max_attempts=3, retry_delay=500),
    ),
    (
        "retries-without-delay",
        made(policy=GatewayPolicy(id="g", retry_max_attempts=3)),
        made(policy=GatewayPolicy(id="g", retry_max_attempts=3, retry_delay=100)),
    ),
    ("delay-without-retries", said(retry_delay=500), said(retry_delay=500, max_attempts=2)),
    ("delay-without-retries", stepping(step(backoff="linear"), step("b")), said(max_attempts=1)),
    (
        "timeout-beyond-client",
        made(options=Options(request_timeout=60_000), client_timeout_s=30),
        made(options=Options(request_timeout=20_000), client_timeout_s=30),
    ),
    (
        "plan-beyond-client",
        made(
            options=Options(max_attempts=3, retry_delay=1000, request_timeout=20_000),
            client_timeout_s=30,
        ),
        made(
            options=Options(max_attempts=3, retry_delay=1000, request_timeout=5000),
            client_timeout_s=30,
        ),
    ),
    (
        "last-try-unlimited",
        said(max_attempts=2, retry_delay=500, request_timeout=5000),
        made(
            options=Options(max_attempts=2, retry_delay=500, request_timeout=5000),
            client_timeout_s=30,
        ),
    ),
    (
        "retries-within-window",
        made(policy=LIMITED, options=Options(max_attempts=3, retry_delay=500)),
        made(policy=LIMITED, options=Options(max_attempts=5, retry_delay=20_000)),
    ),
    (
        "retries-within-window",
        made(policy=LIMITED, client_retries=2),
        made(client_retries=2),
    ),
    (
        "retries-within-window",
        made(
            policy=GatewayPolicy(id="g", rate_limiting_limit=9, rate_limiting_interval=3600),
            client_retries=2,
        ),
        made(policy=LIMITED),
    ),
    (
        "amplification",
        made(options=Options(max_attempts=3, retry_delay=500), client_retries=2),
        made(options=Options(max_attempts=3, retry_delay=500)),
    ),
    (
        "amplification",
        stepping(step("a"), step("b"), step("c"), client_retries=1),
        stepping(step("a"), step("b"), client_retries=1),
    ),
    ("repeated-step", stepping(step("a"), step("b"), step("a")), stepping(step("a"), step("b"))),
]

(
    test_rule_speaks_only_where_it_must,
    test_fix_makes_its_finding_go_away,
    test_every_rule_has_its_cases,
) = trials(CASES, RULES)

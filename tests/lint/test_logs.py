"""logs: metadata, feedback and costs that are lost or counted wrongly."""

from gateway.headers import Options
from gateway.lint.logs import RULES
from gateway.policy import GatewayPolicy
from tests.lint.drafts import made, metadata, said
from tests.lint.trials import trials

CASES = [
    (
        "too-many-entries",
        metadata('{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}'),
        said(metadata={"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}),
    ),
    ("nested-entry", metadata('{"a":{"b":1},"c":2}'), metadata('{"a":1}')),
    ("nested-entry", metadata('{"a":null}'), metadata("[]")),
    ("reserved-entry", metadata('{"cf.user":1,"a":2}'), metadata('{"cfo":1}')),
    ("unexported-entry", said(metadata={"gen_ai.system": "x"}), said(metadata={"system": "x"})),
    (
        "payload-without-log",
        said(collect_log=False, collect_log_payload=True),
        said(collect_log=True, collect_log_payload=True),
    ),
    (
        "payload-without-log",
        made(
            policy=GatewayPolicy(id="g", collect_logs=False),
            options=Options(collect_log_payload=False),
        ),
        said(collect_log=False),
    ),
    (
        "rated-without-log",
        made(options=Options(collect_log=False), rated=True),
        made(rated=True),
    ),
    (
        "cost-per-million",
        said(custom_cost={"per_token_in": 0.15, "per_token_out": 0.6}),
        said(custom_cost={"per_token_in": 0.00000015}),
    ),
]

(
    test_rule_speaks_only_where_it_must,
    test_fix_makes_its_finding_go_away,
    test_every_rule_has_its_cases,
) = trials(CASES, RULES)

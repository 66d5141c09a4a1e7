"""Rows of calls whose worker is gone: in the table, and marked."""

import pytest

from gateway.chat import Target
from gateway.experiments import rows
from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.site import HostedSite
from gateway.experiments.spread import lost

PLAN = PRESETS["E15"].plan(Recipe(preset="E15"))
SITE = HostedSite(Target(name="cloudflare", base_url="http://127.0.0.1:9/v1/a/g"))


@pytest.mark.parametrize(
    ("sent", "planned_s", "error_class", "tries"),
    [(True, 1.5, "aborted", 1), (False, None, "not_sent", 0)],
)
def test_row_says_what_is_known(sent, planned_s, error_class, tries):
    """Its place in the plan and the reason; no latency, no status, nothing it might have cost."""
    call = PLAN.calls[3]

    found = lost.row(PLAN, call, SITE, planned_s=planned_s, sent=sent, address="tcp://10.0.0.5:1")

    (row,) = rows.table([found]).to_dict("records")
    assert (row["variant_id"], row["seq"]) == (call.variant, call.seq)
    assert (row["error_class"], row["client_tries"]) == (error_class, tries)
    assert row["error_msg"].startswith("Its worker was lost: tcp://10.0.0.5:1.")
    assert (row["status"], row["ok"]) == (0, False)
    assert found["t_plan_s"] == planned_s
    assert all(found[name] is None for name in ("t_send_s", "dispatch_delay_ms", "e2e_ms"))

"""Rows of calls whose worker is gone: what they were to be, and why there is no answer.

aborted    it was sent, or its moment had come: the gateway may have had it
not_sent   its worker was gone before its turn
"""

from datetime import UTC, datetime

from gateway.chat import Exchange
from gateway.experiments import rows
from gateway.experiments.plan import Call, Plan, question
from gateway.experiments.progress import Row
from gateway.experiments.site import Site


def row(
    plan: Plan, call: Call, site: Site, *, planned_s: float | None, sent: bool, address: str
) -> Row:
    """Return the row of a call that nobody knows the end of.

    Args:
        planned_s: Its moment, in emulated seconds since the run's start; ``None`` in a closed loop.
        sent: Whether it may have been sent.
        address: Of its worker.
    """
    variant = plan.variant(call.variant)
    chat, options = question(variant, call)
    exchange = Exchange(
        at=datetime.now(UTC),
        chat=chat,
        options=options,
        target=site.target(variant.gateway, call.user).name,
        simulated=variant.provider in site.simulated,
    )
    found = rows.row(plan, variant, call, exchange, planned_s=0.0, sent_s=0.0, scale=site.scale)
    found.update(
        t_plan_s=planned_s,
        t_send_s=None,
        dispatch_delay_ms=None,
        client_tries=int(sent),
        error_class="aborted" if sent else "not_sent",
        error_msg=f"Its worker was lost: {address}. It "
        + ("may have been sent." if sent else "wasn't sent."),
    )
    return found

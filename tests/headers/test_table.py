"""table: every header of the contract, with its source and its day."""

import pytest

from gateway.headers import BY_NAME, HEADERS, TABLE

GATEWAYS = """
cf-aig-allowed-models cf-aig-allowed-providers cf-aig-authorization cf-aig-backoff
cf-aig-byok-alias cf-aig-cache-key cf-aig-cache-status cf-aig-cache-ttl cf-aig-collect-log
cf-aig-collect-log-payload cf-aig-custom-cost cf-aig-dlp cf-aig-event-id cf-aig-gateway-id
cf-aig-log-id cf-aig-max-attempts cf-aig-metadata cf-aig-model cf-aig-no-session-affinity
cf-aig-no-wholesale cf-aig-otel-parent-span-id cf-aig-otel-trace-id cf-aig-provider
cf-aig-request-id cf-aig-request-timeout cf-aig-retry-delay cf-aig-routed-model
cf-aig-routing-decision-id cf-aig-routing-reason cf-aig-run-id cf-aig-session-id
cf-aig-skip-cache cf-aig-step cf-aig-turn-id cf-aig-zdr
"""
OTHERS = """
authorization cf-cache-ttl cf-skip-cache payment-method payment-required payment-signature
sec-websocket-protocol x-fal-target-url
"""


@pytest.mark.rule("headers.table")
def test_every_row_of_the_contract_is_there():
    """35 of the gateway's own names, two deprecated ones, six related ones: 43 rows."""
    assert sorted(BY_NAME) == sorted((GATEWAYS + OTHERS).split())
    assert len(TABLE) == 43


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_row_is_dated_and_says_what_it_does(row):
    """The reference page shows source and day of every fact."""
    assert row.help
    assert row.source
    assert row.date.startswith("2026-")
    assert row.evidence in ("DOC", "API", "OBS")


@pytest.mark.rule("headers.deprecated")
@pytest.mark.parametrize("row", [row for row in TABLE if row.replaced_by])
def test_deprecated_name_leads_to_an_option(row):
    """Old clients still send them."""
    assert BY_NAME[row.replaced_by].field in HEADERS


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_routes_are_routes(row):
    """Where a header is honoured is a column that code reads, beside the words for people."""
    assert set(row.unlisted) <= set(row.routes) <= {"native", "compat", "universal", "rest"}

"""The requests table has the columns that the definitions name, with their dtypes."""

from gateway.experiments import rows

NAMED = """
run_id variant_id experiment_id rep block phase seq request_id log_id event_id t_plan_s t_send_s
t_hdr_s t_first_chunk_s t_first_s t_last_s t_end_s wall_start time_scale transport stream
conn_reused endpoint_kind provider model prompt_id intent_id wording_id key_id in_tokens
out_tokens tokens_source prompt_cached_tokens bytes_out bytes_in h_cache_ttl_s h_skip_cache
h_cache_key h_max_attempts h_retry_delay_ms h_backoff h_timeout_ms cache_status cache_age_s status
ok error_class error_msg attempts attempts_source step steps_total backoff_ms client_tries
dispatch_delay_ms ttfb_ms ttft_ms e2e_ms lat_scheduled_ms tpot_ms ntpot_ms itl_p50_ms itl_p95_ms
itl_max_ms n_gaps tok_s cost_usd cost_list_usd cost_saved_usd price_source gateway_cost_usd
fault_injected overlap_fill outlier slo_ok
"""


def test_empty_table_has_every_column():
    """An experiment without a row is a table all the same."""
    table = rows.table([])

    assert list(table.columns) == list(rows.COLUMNS)
    assert {name: str(table[name].dtype) for name in rows.COLUMNS} == rows.COLUMNS


def test_unknown_stays_unknown():
    """A call that never got an answer has no latency, not 0."""
    table = rows.table([{"seq": 1, "status": 0}])

    assert table["e2e_ms"].isna().all()
    assert table["cache_age_s"].isna().all()
    assert table["status"].tolist() == [0]


def test_documented_columns_are_there():
    """Those whose names other tools and exports rely on."""
    assert set(NAMED.split()) <= set(rows.COLUMNS)

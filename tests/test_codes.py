"""codes: every documented error has its row, and any body finds the row that it means."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes import CODES, LONGEST, decode, explain

DOCUMENTED = [
    (2001, 400),
    (2003, 429),
    (2005, 400),
    (2008, 400),
    (2009, 401),
    (2016, 424),
    (2017, 424),
    (2017, 422),
    (2019, 400),
    (2021, 402),
    (2029, 400),
    (2030, 400),
    (2040, 400),
    (2045, 429),
    (7003, 404),
    (7003, 400),
    (7013, 503),
    (10000, 401),
    (7001, 400),
    (7002, 404),
    (1002, 400),
    (1003, 409),
    (1004, 404),
]
WORKERS_AI = [
    (5007, 400),
    (5004, 400),
    (3039, 400),
    (3003, 400),
    (5018, 403),
    (3041, 403),
    (5016, 403),
    (3023, 403),
    (5019, 405),
    (5005, 405),
    (3042, 404),
    (3006, 413),
    (3007, 408),
    (3008, 408),
    (3036, 429),
    (3040, 429),
]
CURRENT = (
    '{"success":false,"result":[],"messages":[],"error":[{"code":%d,"message":"No"}],'
    '"name":"AiGatewayError","httpCode":400,"internalCode":%d,"message":"No"}'
)
BODIES = [
    (401, CURRENT % (2009, 2009), "unauthorized"),
    (429, '{"success":false,"error":[{"code":2003,"message":"Rate limited"}]}', "rate_limited"),
    (422, CURRENT % (2017, 2017), "run_blocked"),
    (424, CURRENT % (2029, 2029), "dlp_request_blocked"),
    (403, '{"success":false,"error":{"message":"Access denied by policy"}}', "policy_blocked"),
    (
        429,
        '{"success":false,"error":{"message":"Spending limit exceeded","spent":2,"limit":1}}',
        "policy_budget",
    ),
    (401, '{"success":false,"errors":[{"code":10000,"message":"No"}]}', "token_lacks_permission"),
    (
        429,
        '{"result":null,"success":false,"errors":[{"code":3040,"message":"No"}]}',
        "workers_ai_out_of_capacity",
    ),
    (
        400,
        '{"name":"AiGatewayError","error":[{"message":"No credentials for openai"}]}',
        "credentials_required",
    ),
    (401, '{"error":{"message":"Incorrect API key provided"}}', "provider_credentials"),
    (400, '{"error":{"code":400,"message":"API key not valid."}}', "provider_credentials"),
    (429, '{"error":{"message":"Rate limit reached"}}', "provider_rate_limited"),
    (429, '{"error":{"code":"insufficient_quota"}}', "provider_quota"),
    (529, '{"type":"error","error":{"type":"overloaded_error"}}', "provider_failed"),
    (503, "<html>Service unavailable</html>", "provider_overloaded"),
    (418, "", "provider_refused"),
    (
        401,
        CURRENT.replace("No", "The provider rejected the credential") % (2009, 2009),
        "run_credential_rejected",
    ),
    (500, "[" * 100_000, "provider_failed"),
    (500, "null", "provider_failed"),
]
NOT_EXPLAINED = [
    (200, '{"success":false,"error":[{"code":2009}]}'),
    (400, CURRENT % (9999, 9999)),
    (400, '{"success":false,"error":[{"code":"2009"}]}'),
    (400, '{"success":false,"error":null}'),
]


@pytest.mark.parametrize(("code", "status"), [*DOCUMENTED, *WORKERS_AI])
def test_documented_code_has_its_row(code, status):
    """The reference page and the local gateway read the table, so nothing may be missing."""
    rows = [row for row in CODES if (row.code, row.status) == (code, status)]

    assert rows


@pytest.mark.parametrize("status", [400, 403, 429, 503])
def test_errors_without_a_number_have_rows(status):
    """Some of the gateway's errors come without a code."""
    assert any(r.code is None and r.origin == "gateway" and r.status == status for r in CODES)


@pytest.mark.parametrize("row", CODES, ids=lambda row: row.name)
def test_row_speaks_to_a_person(row):
    """Each row says what, why and what to do, and where that is written."""
    assert all((row.meaning, row.cause, row.fix, row.source))
    assert all(text.endswith(".") for text in (row.meaning, row.cause, row.fix))
    assert row.date.startswith("2026-")


def test_names_are_unique():
    """A name stands for one row."""
    assert len({row.name for row in CODES}) == len(CODES)


@pytest.mark.parametrize(("status", "body", "name"), BODIES)
def test_body_finds_its_row(status, body, name):
    """Every envelope in use, and providers' own errors, lead to the right words."""
    assert explain(status, body).name == name


@pytest.mark.parametrize(("status", "body"), NOT_EXPLAINED)
def test_no_error_and_unknown_code_have_no_row(status, body):
    """Better no explanation than a wrong one."""
    assert explain(status, body) is None


@pytest.mark.parametrize("row", [row for row in CODES if row.origin == "provider"])
def test_providers_errors_are_not_the_gateways(row):
    """A provider's row has no code, and says whose error it is."""
    assert row.code is None
    assert "provider" in row.meaning
    assert "provider's own" in row.cause


def test_message_of_a_code_is_what_the_gateway_says():
    """The local gateway sends these words."""
    row = next(row for row in CODES if row.code == 2008)

    assert row.message == "Invalid provider"


GATEWAYS = CURRENT % (2009, 2009)
PASTED = [
    (GATEWAYS, None, "unauthorized", 400),
    (GATEWAYS, 401, "unauthorized", 401),
    (json.dumps(json.loads(GATEWAYS), indent=2), 401, "unauthorized", 401),
    ('{"success":false,"error":[{"code":2003,"message":"Rate', None, "rate_limited", None),
    ('{"success":false,"error":[{"code":2003,', None, "rate_limited", None),
    (
        '{"success":false,"error":[{"code":2003,"message":"Rate limited"}],"na',
        429,
        "rate_limited",
        429,
    ),
    (
        "HTTP/2 402\r\ncf-ray: 1\r\n\r\n" + CURRENT.replace("400", "402") % (2021, 2021),
        None,
        "no_credits",
        402,
    ),
    (
        "Error code: 401 - {'success': False, 'result': [], 'error': [{'code': 2009, 'message': "
        "'Unauthorized'}], 'name': 'AiGatewayError'}",
        None,
        "unauthorized",
        401,
    ),
    ("AiGatewayError: 2016: Prompt blocked", None, "prompt_blocked", None),
    ("Error: 3040: Capacity temporarily exceeded", None, "workers_ai_out_of_capacity", None),
    (
        '{"type":"universal.error","metadata":{"eventId":"1"},"response":%s}'
        % (CURRENT % (2005, 2005)),
        None,
        "no_answer",
        400,
    ),
    (json.dumps({"error": {"message": GATEWAYS}}), None, "unauthorized", 400),
    (
        '{"success":false,"error":{"message":"Access denied by policy"}}',
        None,
        "policy_blocked",
        None,
    ),
    (
        '{"success":false,"errors":[{"code":10000,"message":"x"}]}',
        None,
        "token_lacks_permission",
        None,
    ),
    ("Please configure AI Gateway in the Cloudflare dashboard", None, "gateway_unknown", None),
    ("Unauthorized", None, "unauthorized", None),
    ("it said: Failed to get response from provider!", None, "no_answer", None),
    (
        '{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}',
        None,
        "provider_credentials",
        None,
    ),
    (
        '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
        None,
        "provider_failed",
        529,
    ),
    ('{"type":"error","error":{"type":"rate_limit_error"', None, "provider_rate_limited", 429),
    (
        '{"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED"}}',
        None,
        "provider_rate_limited",
        429,
    ),
    ('data: {"error":{"type":"authentication_error"}}', None, "provider_credentials", 401),
    ("openai.NotFoundError: status_code=404", None, "provider_not_found", 404),
    ("<html>502 Bad Gateway</html>", 502, "provider_failed", 502),
    ("", 503, "provider_overloaded", 503),
]
UNDECODED = [
    ("", None, "nothing to decode"),
    ("hello", None, "No error can be seen"),
    ('{"choices":[]}', 200, "no error"),
    (CURRENT % (9999, 9999), None, "nobody documents the code 9999"),
    ('{"success":false,"error":[{"message":"Surprise"}]}', 400, "nobody documents these words"),
]


@pytest.mark.parametrize(("text", "status", "name", "found"), PASTED)
def test_pasted_error_is_decoded(text, status, name, found):
    """Whole or cut off, with its status or without, as JSON, as an exception, as plain words."""
    decoded = decode(text, status)

    assert (decoded.row.name, decoded.status) == (name, found)


@pytest.mark.parametrize(("text", "status", "note"), UNDECODED)
def test_what_cannot_be_decoded_says_why(text, status, note):
    """Better no explanation than a wrong one, and a hint what to paste."""
    decoded = decode(text, status)

    assert decoded.row is None
    assert note in decoded.note


def test_decoded_error_holds_number_and_words():
    """What the reference page shows beside the meaning."""
    decoded = decode('{"success":false,"error":[{"code":2040,"message":"Alias not found"}]}')

    assert (decoded.number, decoded.message, decoded.note) == (2040, "Alias not found", "")


@pytest.mark.parametrize("length", range(39, 88, 7))
def test_body_cut_off_anywhere_behind_its_code_is_decoded(length):
    """People copy what fits on the screen."""
    text = (
        '{"success":false,"error":[{"code":2009,"message":"Unauthorized"}],"name":"AiGatewayError"}'
    )

    assert decode(text[:length]).row.name == "unauthorized"


def test_cut_off_text_says_so():
    """So that nobody wonders at what isn't there."""
    assert "cut off" in decode('{"success":false,"error":[{"code":2009,"mess').note


@given(st.text(alphabet='{}[]":,\\\\ab12 errorcodesuccessfalse', max_size=60))
def test_anything_can_be_pasted(text):
    """Rubbish gets a sentence, never an error."""
    decoded = decode(text)

    assert decoded.row is not None or decoded.note


@pytest.mark.parametrize(
    "text",
    [
        "{" * 100_000,
        '{"a":' * 50_000,
        "[" * LONGEST,
        '{"a":"' + "x," * LONGEST,
        "{" + "x," * LONGEST,
    ],
)
def test_hostile_text_is_decoded_in_time(text):
    """Neither depth nor length stops the page."""
    assert decode(text).row is None

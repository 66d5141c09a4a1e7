"""The connection page: which gateway is in use, whether it answers, and what .env says."""

ACCOUNT = "0123456789abcdef0123456789abcdef"
KEY = "sk-marker-7f3a9c2e5d1b8a64"


def words(page):
    """Everything that the page says."""
    elements = (*page.markdown, *page.caption, *page.error, *page.code)
    tables = [str(table.value.to_dict()) for table in page.table]
    return "\n".join([str(element.value) for element in elements] + tables)


def test_local_gateway_answers(connection, server):
    """A fresh install uses the local gateway, says so, and says how to connect Cloudflare."""
    page = connection()

    said = words(page)
    assert f"{server.url}/v1/" in said
    assert "answers" in said
    assert "simulated" in said


def test_steps_name_the_variables(connection):
    """Connecting Cloudflare takes three steps, with the three variables to fill in."""
    said = words(connection())

    assert "CLOUDFLARE_ACCOUNT_ID=\nCLOUDFLARE_GATEWAY_ID=\nCLOUDFLARE_API_KEY=" in said


def test_value_that_cannot_be_used_is_an_error_on_top(connection, monkeypatch):
    """A wrong value is named with what would be accepted; the rest of the page works."""
    monkeypatch.setenv("CLOUDFLARE_ACCOUNT_ID", "my-account")

    page = connection()

    assert any("CLOUDFLARE_ACCOUNT_ID" in e.value and "32 hex" in e.value for e in page.error)
    assert "answers" in words(page)


def test_keys_are_masked(connection, monkeypatch):
    """Of a key only its last four characters are ever shown."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    said = words(connection())

    assert KEY not in said
    assert KEY[:-4] not in said
    assert KEY[-4:] in said


def test_cloudflare_gateway_gets_a_card(connection, monkeypatch):
    """With account and gateway in .env the hosted gateway stands beside the local one."""
    monkeypatch.setenv("CLOUDFLARE_ACCOUNT_ID", ACCOUNT)
    monkeypatch.setenv("CLOUDFLARE_GATEWAY_ID", "prod")
    monkeypatch.setenv("CLOUDFLARE_API_KEY", KEY)

    said = words(connection())

    assert f"`https://gateway.ai.cloudflare.com/v1/{ACCOUNT}`" in said
    assert "`prod`" in said
    assert KEY not in said


def test_records_that_cannot_be_opened_are_an_error_on_top(connection, monkeypatch, tmp_path):
    """A database that can't be used is explained; the app works on without it."""
    monkeypatch.setenv("RECORDS_URL", f"sqlite:///{tmp_path}")

    page = connection()

    assert any("records" in error.value.lower() for error in page.error)

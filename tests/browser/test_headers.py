"""The header builder in a browser: from a pasted call to code that runs."""

import os
import re
import subprocess
import sys
import time

from playwright.sync_api import expect

from tests.browser.driver import choose, settled

KEY = "sk-marker-7f3a9c2e5d1b8a64"


def pasted(page, text):
    """Paste a call into the form."""
    page.get_by_role("button", name="Paste").click()
    page.get_by_role("textbox", name="A call, as you have it").fill(text)
    page.get_by_role("button", name="Fill the form").click()


def test_pasted_call_is_mended_sent_twice_and_taken_along(app, page):
    """Paste a cURL, fix what lint finds, see a MISS and a HIT, and run the Python that is shown."""
    question = f"What is a cache? {time.monotonic_ns()}"
    body = f'{{"model":"gpt-5-mini","messages":[{{"role":"user","content":"{question}"}}]}}'
    page.goto(f"{app.url}/headers")
    settled(page)

    pasted(
        page,
        "curl https://gateway.ai.cloudflare.com/v1/acc/gw/openai/chat/completions \\\n"
        f"  -H 'Authorization: Bearer {KEY}' -H 'cf-aig-cache-tll: 3600' \\\n  -d '{body}'",
    )
    expect(page.get_by_role("textbox", name="Question")).to_have_value(question)
    assert KEY not in page.content()
    page.get_by_role("button", name="Call it cf-aig-cache-ttl").click()
    expect(page.get_by_role("textbox", name="Cache TTL of this request")).to_have_value("1 h")
    expect(page.get_by_text("The gateway knows no header")).to_have_count(0)

    page.get_by_role("tab", name="Try it").click()
    page.get_by_role("button", name="Send twice").click()
    expect(page.get_by_text("MISS", exact=True)).to_have_count(1)
    expect(page.get_by_text("HIT", exact=True).first).to_be_visible()

    page.get_by_role("tab", name="Code").click()
    expect(page.get_by_test_id("stCode").filter(has_text="curl").first).to_be_visible()
    settled(page)
    choose(page, "Language", "Python · httpx")
    code = page.get_by_test_id("stCode").filter(has_text="import httpx")
    expect(code).to_be_visible()
    written = code.locator("code").inner_text()
    assert "cf-aig-cache-ttl" in written
    assert KEY not in written
    assert said(written, app) == "200"


def said(code, app):
    """The status that the code prints, run as a reader would."""
    environment = {**os.environ, "CF_AIG_TOKEN": app.gateway.token}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return re.match(r"\d+", done.stdout).group()


def test_table_becomes_one_line_of_json(app, page):
    """Metadata is typed into cells; code and effective settings have it at once."""
    page.goto(f"{app.url}/headers")
    settled(page)
    page.get_by_text("Logs and metadata").first.click()
    first = page.get_by_role("textbox", name="Name 1, Metadata")
    first.fill("team")
    first.press("Tab")
    page.keyboard.type("red")
    page.keyboard.press("Enter")

    expect(page.get_by_text('{"team":"red"}').first).to_be_visible()

"""The frame: menu, title, and the status line of the gateway in use."""

import tomllib
from pathlib import Path

import pytest

from tests.pages.visit import opened

ROOT = Path(__file__).parent.parent.parent
CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))


def test_status_line_says_that_the_gateway_answers(chat):
    """The sidebar names the gateway in use and how fast it answered."""
    [line] = [c.value for c in chat.sidebar.caption if "gateway" in c.value.lower()]

    assert "Local gateway answers in" in line
    assert ":green" in line


def test_status_line_says_that_the_gateway_is_gone(fresh, monkeypatch):
    """A gateway that can't be reached is said on every page; the app still opens."""
    monkeypatch.setenv("LOCAL_GATEWAY_URL", "http://127.0.0.1:9")

    app = opened("pages/play/chat.py")

    [line] = [c.value for c in app.sidebar.caption if "gateway" in c.value.lower()]
    assert ":red" in line
    assert "no answer" in line


SAFE = {
    ("server", "address"): "127.0.0.1",
    ("server", "allowedHosts"): ["localhost", "127.0.0.1"],
    ("server", "enableCORS"): True,
    ("server", "enableXsrfProtection"): True,
    ("server", "maxUploadSize"): 10,
    ("browser", "gatherUsageStats"): False,
    ("client", "toolbarMode"): "minimal",
    ("client", "showErrorDetails"): "type",
    ("client", "showErrorLinks"): False,
    ("runner", "magicEnabled"): False,
}


@pytest.mark.parametrize(("name", "value"), SAFE.items(), ids=lambda part: str(part))
def test_settings_are_safe(name, value):
    """Loopback only, known hosts only, no telemetry, no error details to the browser."""
    section, option = name

    assert CONFIG[section][option] == value


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("palette", ["Categorical", "Sequential", "Diverging"])
def test_palettes_have_ten_colours(scheme, palette):
    """Streamlit drops a sequential or diverging palette that hasn't exactly ten."""
    colours = CONFIG["theme"][scheme][f"chart{palette}Colors"]

    assert len(set(colours)) == 10


def test_no_font_is_fetched():
    """Fonts come with Streamlit: nothing on the page names another server."""
    assert "://" not in (ROOT / ".streamlit/config.toml").read_text("utf-8")

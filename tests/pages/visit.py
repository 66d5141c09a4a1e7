"""A visit to a page: through the frame, as on a fresh install."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parent.parent.parent


def opened(page: str, **query: str) -> AppTest:
    """A page as a visitor first sees it; an exception on it is a failure."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)
    app = app.switch_page(page)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app

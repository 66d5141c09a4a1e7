"""A visit to a page: through the frame, as on a fresh install."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.parts.state import CONVERSATION

ROOT = Path(__file__).parent.parent.parent
QUESTION = "Why is the sky blue?"


def opened(page: str, **query: str) -> AppTest:
    """A page as a visitor first sees it; an exception on it is a failure."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)
    app = app.switch_page(page)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def texts(app):
    """Everything that stands on the page as text, in order."""
    return [element.value for element in (*app.markdown, *app.caption)]


def strips(app):
    """The figures under each answer."""
    return [text for text in texts(app) if text.startswith(":small[:gray[TTFT]")]


def asked(app, question=QUESTION):
    """The page after a question has been answered."""
    app.chat_input[0].set_value(question).run()
    assert not app.exception
    return app


def pressed(app, label, at=0):
    """The page after one of the buttons with a label was pressed."""
    [button for button in app.button if button.label == label][at].click().run()
    assert not app.exception
    return app


def exchanges(app, turn=-1):
    """What the columns of a turn have exchanged, in order."""
    answers = app.session_state[CONVERSATION].path[turn].answers
    return [answer.exchange for answer in answers.values()]


def app_columns(app):
    """The columns of the visitor's conversation."""
    return app.session_state[CONVERSATION].columns


def app_turns(app):
    """The turns of the visitor's conversation."""
    return app.session_state[CONVERSATION].path


def unfolded(app, key):
    """The page with one of its pop-overs open: what is closed isn't drawn."""
    app.session_state[key] = True
    return app.run()

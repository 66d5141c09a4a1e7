"""Log rows for tests of what is asked of the log."""

from contextlib import contextmanager

import orjson

from gateway.local.store import Store
from gateway.local.tables import LOGS

START_S = 1_764_000_000.0
"""2025-11-24T16:00:00Z."""

ROWS = {
    "a": {
        "provider": "openai",
        "model": "openai/gpt-4o-mini",
        "path": "chat/completions",
        "duration": 100,
        "success": True,
        "cached": False,
        "status_code": 200,
        "tokens_in": 10,
        "tokens_out": 20,
        "cost": 0.002,
        "feedback": 1,
        "metadata": {"team": "Blue", "user": 7, "beta": True},
        "user_agent": "curl/8",
        "request_type": "",
        "authentication": True,
    },
    "b": {
        "provider": "anthropic",
        "model": "anthropic/claude-sonnet-4-5",
        "path": "compat/chat/completions",
        "duration": 300,
        "success": False,
        "cached": False,
        "status_code": 429,
        "tokens_in": None,
        "tokens_out": None,
        "cost": 0.0,
        "feedback": -1,
        "metadata": {"team": "red_1"},
        "user_agent": "python",
        "request_type": "Universal",
        "authentication": False,
    },
    "c": {
        "provider": "openai",
        "model": "openai/gpt-5",
        "path": "chat/completions",
        "duration": 5,
        "success": True,
        "cached": True,
        "status_code": 200,
        "tokens_in": 0,
        "tokens_out": 0,
        "cost": 0.0,
        "feedback": None,
        "metadata": {},
        "user_agent": "python",
        "request_type": None,
        "authentication": False,
        "wholesale": True,
    },
}
"""Three calls of gateway ``g``, a minute apart."""


def logged(number, name, **values):
    """Return a whole row by the name of one of ``ROWS``."""
    row = {
        **dict.fromkeys(LOGS.c.keys()),
        "id": f"0{number}-{name}",
        "gateway": "g",
        "account": "acc",
        "created_s": START_S + 60 * number,
        "event_id": f"event-{name}",
        "model_type": "chat",
        "wholesale": False,
        **ROWS[name],
        **values,
    }
    return {**row, "metadata": orjson.dumps(row["metadata"])}


@contextmanager
def filled(directory):
    """Open a store that holds ``ROWS``, and one row of another gateway."""
    store = Store.open(directory)
    for number, name in enumerate(ROWS):
        store.logs.add(logged(number, name))
    store.logs.add(logged(9, "a", gateway="other"))
    yield store
    store.close()

"""settings: what .env and the environment may hold, and what the screen and the log say of it."""

import os
import re
import subprocess
import sys

import pytest

from gateway.__main__ import report
from gateway.settings import NOTHING, ROOT, VARIABLES, Settings

ACCOUNT = "0123456789abcdef0123456789ABCDEF"
KEY = "sk-marker-Zx81_abcdefghijkl"

REFUSED = [
    ("CLOUDFLARE_ACCOUNT_ID", "0123", "32 hex characters"),
    ("CLOUDFLARE_ACCOUNT_ID", "g" * 32, "32 hex characters"),
    ("CLOUDFLARE_ACCOUNT_ID", ACCOUNT + "\n", "32 hex characters"),
    ("CLOUDFLARE_GATEWAY_ID", "My Gateway", "the gateway's name"),
    ("CLOUDFLARE_GATEWAY_ID", "a" * 65, "1 to 64"),
    ("CLOUDFLARE_GATEWAY_ID", "a--b", "single hyphens"),
    ("OPENAI_API_KEY", "your-key-here", "placeholder"),
    ("OPENAI_API_KEY", "YOUR_OPENAI_KEY", "placeholder"),
    ("OPENAI_API_KEY", "sk-...", "placeholder"),
    ("OPENAI_API_KEY", "sk-xxxxxxxx", "placeholder"),
    ("OPENAI_API_KEY", "<key>", "placeholder"),
    ("OPENAI_API_KEY", "changeme", "placeholder"),
    ("OPENAI_API_KEY", f"Bearer {KEY}", "without the word Bearer"),
    ("OPENAI_API_KEY", f"{KEY} ", "spaces, quotes or line breaks"),
    ("OPENAI_API_KEY", f"{KEY}\nx", "spaces, quotes or line breaks"),
    ("OPENAI_API_KEY", f"'{KEY}'", "spaces, quotes or line breaks"),
    ("OPENAI_API_KEY", f"{KEY}\0", "spaces, quotes or line breaks"),
    ("OPENAI_API_KEY", f"\N{LEFT DOUBLE QUOTATION MARK}{KEY}", "plain ASCII"),
    ("LOCAL_GATEWAY_URL", "127.0.0.1:8787", "http://127.0.0.1:8787"),
    ("LOCAL_GATEWAY_URL", "http://", "http://127.0.0.1:8787"),
    ("LOCAL_GATEWAY_URL", "http://127.0.0.1:99999", "http://127.0.0.1:8787"),
    ("LOCAL_GATEWAY_URL", "http://[::1", "http://127.0.0.1:8787"),
    ("LOCAL_GATEWAY_URL", "http://127.0.0.1:1/v1/a/b", "and no more"),
    ("LOCAL_GATEWAY_DATA", __file__, "must be a directory"),
    ("RECORDS_URL", "mysql://x/y", "sqlite:/// or postgresql://"),
    ("DASK_SCHEDULER", "http://127.0.0.1:8786", "tcp://127.0.0.1:8786"),
    ("DASK_SCHEDULER", "tcp://user:word@host:8786", "address of a Dask scheduler"),
]
TAKEN = [
    ("CLOUDFLARE_ACCOUNT_ID", ACCOUNT),
    ("CLOUDFLARE_GATEWAY_ID", "my-gateway_2"),
    ("OPENAI_API_KEY", KEY),
    ("OPENAI_API_KEY", "test"),
    ("LOCAL_GATEWAY_URL", "http://localhost:8787/"),
    ("LOCAL_GATEWAY_URL", "https://gateway.example"),
    ("LOCAL_GATEWAY_DATA", "some/where"),
    ("RECORDS_URL", "postgresql+psycopg://u:p@h/db"),
    ("RECORDS_URL", "sqlite:///x.db"),
    ("DASK_SCHEDULER", "tcp://127.0.0.1:8786"),
    ("DASK_SCHEDULER", "tls://scheduler.example:8786"),
]
BAD_FILES = [
    (b"OPENAI_API_KEY=a\nB: c\n", ".env line 2 can't be read: write NAME=value"),
    (b'\n\nOPENAI_API_KEY="a\n', ".env line 3 can't be read: write NAME=value"),
    (b"\nOPENAI_API_KEY\n", ".env line 2 can't be read: write NAME=value"),
    (b"# ok\nOPENAI_API_KEY=caf\xe9\n", ".env must be UTF-8 text, which line 2 isn't"),
    (b"OPENAI_KEY=a\n", "OPENAI_KEY isn't read by this app: write OPENAI_API_KEY"),
]


@pytest.fixture
def read(tmp_path):
    """Read a .env file of the given text, with an environment of its own."""

    def read(text="", **environ):
        (tmp_path / ".env").write_bytes(text if isinstance(text, bytes) else text.encode())
        return Settings.read(tmp_path / ".env", environ)

    return read


@pytest.mark.parametrize(("name", "value", "reason"), REFUSED)
def test_unusable_value_is_absent_and_named(read, name, value, reason):
    """The app starts as if the value weren't there, and says which one it is and why."""
    settings = read(**{name: value})

    (problem,) = settings.problems
    assert problem.name == name
    assert reason in str(problem)
    assert name not in settings.values
    assert KEY not in str(problem)


@pytest.mark.parametrize(("name", "value"), TAKEN)
def test_usable_value_is_taken_as_it_is(read, name, value):
    """What was written is what is sent."""
    assert read(**{name: value}).values == {name: value}


@pytest.mark.parametrize(("text", "sentence"), BAD_FILES)
def test_bad_file_is_named_with_its_line(read, text, sentence):
    """Whoever edits .env by hand finds the line."""
    assert sentence in [str(problem) for problem in read(text).problems]


def test_good_lines_of_a_bad_file_count(read):
    """One slip doesn't cost the other keys."""
    assert read("just words\nGROQ_API_KEY=abc\n").values == {"GROQ_API_KEY": "abc"}


def test_unreadable_file_is_named(tmp_path):
    """A directory, or a file without permission, isn't the end."""
    (problem,) = Settings.read(tmp_path, {}).problems

    assert "can't be read" in str(problem)


def test_missing_file_is_fine(tmp_path):
    """A fresh install has none."""
    settings = Settings.read(tmp_path / ".env", {})

    assert (settings.values, settings.problems) == ({}, ())


def test_shapes_of_a_line(read):
    """What dotenv files usually hold is understood, a byte order mark included."""
    settings = read(
        '\ufeffOPENAI_API_KEY=a1\nexport GROQ_API_KEY="b2" # mine\nXAI_API_KEY=\nOTHER_TOOL=x\n'
    )

    assert settings.values == {"OPENAI_API_KEY": "a1", "GROQ_API_KEY": "b2"}
    assert settings.problems == ()


def test_environment_wins(read):
    """Deployments set variables; an empty one says nothing."""
    settings = read("OPENAI_API_KEY=a1\nGROQ_API_KEY=b2", OPENAI_API_KEY="c3", GROQ_API_KEY="")

    assert settings.values == {"OPENAI_API_KEY": "c3", "GROQ_API_KEY": "b2"}
    assert settings.sources == {"OPENAI_API_KEY": "environment", "GROQ_API_KEY": ".env"}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("CLOUDFLARE_ACCOUNT_ID=" + ACCOUNT, "CLOUDFLARE_GATEWAY_ID"),
        ("CLOUDFLARE_GATEWAY_ID=demo", "CLOUDFLARE_ACCOUNT_ID"),
    ],
)
def test_half_of_a_hosted_gateway_is_named(read, given, missing):
    """Account and gateway go together; a token alone is fine, Workers AI needs no gateway."""
    (problem,) = read(given).problems

    assert (problem.name, "is missing" in str(problem)) == (missing, True)
    assert read("CLOUDFLARE_API_KEY=abc").problems == ()


def test_keys_are_found_by_provider(read):
    """Each provider has one variable; Workers AI shares the Cloudflare token."""
    settings = read("OPENAI_API_KEY=a1\nGOOGLE_AI_API_KEY=b2\nCLOUDFLARE_API_KEY=c3")

    assert settings.keys == {"openai": "a1", "google-ai-studio": "b2", "workers-ai": "c3"}


def test_secrets_are_the_keys_and_tokens(read):
    """An account id is none: it stands in every address."""
    settings = read(f"OPENAI_API_KEY=a1\nLOCAL_GATEWAY_TOKEN=b2\nCLOUDFLARE_ACCOUNT_ID={ACCOUNT}")

    assert sorted(settings.secrets) == ["a1", "b2"]


def test_local_gateway_gets_keys_only(read):
    """Its process sees what it needs; a Workers AI key is no use without the account."""
    text = "OPENAI_API_KEY=a1\nCLOUDFLARE_API_KEY=c3\nRECORDS_URL=sqlite:///x"

    without, with_account = read(text), read(f"{text}\nCLOUDFLARE_ACCOUNT_ID={ACCOUNT}")

    assert without.local_environment == {"OPENAI_API_KEY": "a1"}
    assert with_account.local_environment == {"OPENAI_API_KEY": "a1", "CLOUDFLARE_API_KEY": "c3"}


def test_defaults_lie_below_the_project(read):
    """Nothing is written outside the project unless the user says so."""
    settings = read()

    assert settings.local_data == ROOT / ".data/gateway"
    assert settings.records_url == f"sqlite:///{ROOT}/.data/records.db"
    assert settings.local_url is None
    assert read(LOCAL_GATEWAY_URL="http://h:1/").local_url == "http://h:1"


def test_rows_say_what_there_is_without_secrets(read):
    """The connection page shows the end of a key, and a database without its password."""
    settings = read(
        f"OPENAI_API_KEY={KEY}\nGROQ_API_KEY='{KEY} '",
        RECORDS_URL="postgresql://user:hunter22@host:5432/db",
    )
    rows = {row.name: row for row in settings.rows()}

    assert list(rows) == list(VARIABLES)
    assert (rows["OPENAI_API_KEY"].value, rows["OPENAI_API_KEY"].source) == ("…ijkl", ".env")
    assert rows["GROQ_API_KEY"].value == NOTHING
    assert "spaces" in rows["GROQ_API_KEY"].problem
    assert rows["RECORDS_URL"].value == "postgresql://user:…@host:5432/db"
    assert rows["XAI_API_KEY"].source is None


def test_repr_shows_no_secret(read):
    """Settings end up in tracebacks and logs."""
    settings = read(f"OPENAI_API_KEY={KEY}\nGROQ_API_KEY={KEY}!\N{SNOWMAN}", XAI_API_KEY=KEY)

    assert KEY not in repr(settings)
    assert KEY not in repr(settings.rows())
    assert KEY not in repr(settings.problems)


def test_example_documents_exactly_what_is_read():
    """Every variable has its line and its comment, in the order of the table, without a value."""
    text = (ROOT / ".env.example").read_text("utf-8")

    assert re.findall(r"(?m)^# \S.*\n([A-Z_]+)=$", text) == list(VARIABLES)
    assert Settings.read(ROOT / ".env.example", {}) == Settings()


def test_user_s_own_variables_come_first():
    """They are what most people fill in."""
    assert list(VARIABLES)[:5] == [
        "CLOUDFLARE_ACCOUNT_ID",
        "CLOUDFLARE_GATEWAY_ID",
        "CLOUDFLARE_API_KEY",
        "OPENAI_API_KEY",
        "GOOGLE_AI_API_KEY",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"OPENAI_API_KEY='{KEY} x'", "Settings: OPENAI_API_KEY must not hold spaces"),
        ("", "No settings: the local gateway plays every provider."),
        (f"OPENAI_API_KEY={KEY}", "Settings: 1 read, all can be used."),
    ],
)
def test_terminal_says_what_can_t_be_used(read, text, said):
    """`make run` prints this before the app starts."""
    assert report(read(text)).startswith(said)
    assert KEY not in report(read(text))


def test_bad_value_doesn_t_stop_the_start():
    """`make run` goes on whatever .env says."""
    environ = {**os.environ, "CLOUDFLARE_ACCOUNT_ID": "soon"}

    done = subprocess.run(
        [sys.executable, "-m", "gateway"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Settings: CLOUDFLARE_ACCOUNT_ID must be 32 hex" in done.stdout
    assert done.stderr == ""

"""Settings: what .env and the process environment say, checked; nothing here ever fails.

    .env  ->  environment wins  ->  check  ->  Settings.values, or a sentence in Settings.problems

A value that can't be used counts as absent, so the app starts on the local gateway. The variables
are one table; ``.env.example`` documents exactly these.
"""

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from gateway.errors import SettingsError
from gateway.masking import mask
from gateway.policy import ID_LIMIT, ID_PATTERN
from gateway.providers import PROVIDERS

ROOT = Path(__file__).parent.parent
ENV_FILE = ROOT / ".env"

NOTHING = "\N{EN DASH}"
"""What the connection page shows where there is no value."""

Source = Literal[".env", "environment"]

_PLACEHOLDER = re.compile(
    r"\.\.\.|…|^<.*>$|(?i:(^|[-_ ])(your|insert)[-_ ]|^my[-_ ]|[-_ ](here|goes)$)"
    r"|(?i:^(sk-)?([x*]+|0+|todo|none|null|key|token|secret|change-?me|placeholder)?$)"
)
_PASSWORD = re.compile(r"(?<=:)[^:/@]+(?=@)")


@dataclass(frozen=True, slots=True)
class Variable:
    """One row of the table.

    Attributes:
        purpose: What it is for, in a few words.
        refuse: Returns what would be accepted instead of a value, or ``None`` for a good one.
        show: What the screen may show of a value.
    """

    name: str
    purpose: str
    refuse: Callable[[str], str | None]
    show: Callable[[str], str] = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the connection page.

    Attributes:
        value: Masked, or ``NOTHING`` where there is none that can be used.
    """

    name: str
    value: str
    source: Source | None
    problem: str | None
    purpose: str


def _refuse_account(value: str) -> str | None:
    if re.fullmatch(r"[0-9a-fA-F]{32}", value):
        return None
    return "must be 32 hex characters (0-9, a-f), as in the address of the Cloudflare dashboard"


def _refuse_gateway(value: str) -> str | None:
    if len(value) <= ID_LIMIT and re.fullmatch(ID_PATTERN, value):
        return None
    return (
        f"must be the gateway's name: 1 to {ID_LIMIT} lower-case letters, digits, "
        "underscores and single hyphens"
    )


def _refuse_key(value: str) -> str | None:
    if re.match(r"(?i)bearer\s", value):
        return "must be the key alone, without the word Bearer"
    if _PLACEHOLDER.search(value):
        return "still holds a placeholder: put the real key there, or nothing"
    if not value.isascii():
        return "must be plain ASCII: copy the key again, without typographic characters"
    if re.search(r"[\s\x00-\x1f\x7f\"'`]", value):
        return "must not hold spaces, quotes or line breaks: copy the key again"
    return None


def _refuse_url(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        good = good and parts.path in ("", "/") and not (parts.query or "@" in parts.netloc)
    except ValueError:
        good = False
    if good and not re.search(r"[^!-~]", value):
        return None
    return "must be the address of a server and no more, such as http://127.0.0.1:8787"


def _refuse_directory(value: str) -> str | None:
    if "\0" in value or (Path(value).exists() and not Path(value).is_dir()):
        return "must be a directory, or a path where one can be made"
    return None


def _refuse_database(value: str) -> str | None:
    if re.match(r"(sqlite|postgresql)(\+\w+)?://", value):
        return None
    return "must begin with sqlite:/// or postgresql://"


def _refuse_scheduler(value: str) -> str | None:
    if re.fullmatch(r"(tcp|tls)://[^\s/@:]+:\d{1,5}", value):
        return None
    return "must be the address of a Dask scheduler, such as tcp://127.0.0.1:8786"


def _hide_password(value: str) -> str:
    return _PASSWORD.sub("…", value)


def _key(name: str, purpose: str) -> Variable:
    return Variable(name, purpose, _refuse_key, mask)


def _table() -> dict[str, Variable]:
    users = [
        Variable("CLOUDFLARE_ACCOUNT_ID", "your Cloudflare account", _refuse_account),
        Variable("CLOUDFLARE_GATEWAY_ID", "your gateway in that account", _refuse_gateway),
        _key("CLOUDFLARE_API_KEY", "token for your gateway, its logs and Workers AI"),
        _key("OPENAI_API_KEY", "key for OpenAI"),
        _key("GOOGLE_AI_API_KEY", "key for Google AI Studio"),
    ]
    known = {variable.name for variable in users}
    providers = [
        _key(row.env_key, f"key for {row.name}")
        for row in PROVIDERS.values()
        if row.env_key is not None and row.env_key not in known
    ]
    app = [
        Variable(
            "LOCAL_GATEWAY_URL", "a local gateway that runs already; else one starts", _refuse_url
        ),
        _key("LOCAL_GATEWAY_TOKEN", "that gateway's token, from the file token in its data"),
        Variable("LOCAL_GATEWAY_DATA", "where the local gateway keeps its data", _refuse_directory),
        Variable(
            "RECORDS_URL",
            "database of the records, SQLite or PostgreSQL",
            _refuse_database,
            _hide_password,
        ),
        Variable(
            "DASK_SCHEDULER", "Dask workers that can send an experiment's load", _refuse_scheduler
        ),
    ]
    return {variable.name: variable for variable in (*users, *providers, *app)}


VARIABLES: dict[str, Variable] = _table()
"""Every variable that we read, the user's own first; the order of ``.env.example``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user has set up, as far as it can be used.

    Attributes:
        values: Variable -> usable value.
        sources: Variable -> where its value, usable or not, came from.
        problems: What can't be used and what would be; no message holds a value.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    sources: Mapping[str, Source] = field(default_factory=dict)
    problems: tuple[SettingsError, ...] = ()

    @classmethod
    def read(cls, env_file: Path = ENV_FILE, environ: Mapping[str, str] | None = None) -> Self:
        """Read a .env file and an environment, which wins. Never fails: see ``problems``.

        Args:
            environ: ``None`` is the environment of this process.
        """
        environ = os.environ if environ is None else environ
        written, problems = _env_file(env_file)
        found: dict[str, tuple[str, Source]] = {}
        for name in VARIABLES:
            if environ.get(name):
                found[name] = environ[name], "environment"
            elif written.get(name):
                found[name] = written[name], ".env"
        reasons = {name: VARIABLES[name].refuse(value) for name, (value, _) in found.items()}
        problems += [SettingsError(name, reason) for name, reason in reasons.items() if reason]
        problems += _misspelled(written, found)
        values = {name: value for name, (value, _) in found.items() if not reasons[name]}
        problems += _incomplete(values, reasons)
        return cls(
            values=values,
            sources={name: source for name, (_, source) in found.items()},
            problems=tuple(problems),
        )

    @property
    def account_id(self) -> str | None:
        """Cloudflare account id."""
        return self.values.get("CLOUDFLARE_ACCOUNT_ID")

    @property
    def gateway_id(self) -> str | None:
        """Name of the hosted gateway."""
        return self.values.get("CLOUDFLARE_GATEWAY_ID")

    @property
    def token(self) -> str | None:
        """Cloudflare API token."""
        return self.values.get("CLOUDFLARE_API_KEY")

    @property
    def keys(self) -> dict[str, str]:
        """Provider slug -> key."""
        return {
            slug: self.values[row.env_key]
            for slug, row in PROVIDERS.items()
            if row.env_key is not None and row.env_key in self.values
        }

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every key and token, for whoever has to keep them out of something."""
        return tuple(value for name, value in self.values.items() if VARIABLES[name].show is mask)

    @property
    def local_environment(self) -> dict[str, str]:
        """Variable -> key, for the local gateway's process.

        Workers AI is asked at an address with the account in it, so its key needs one too.
        """
        names = {row.env_key for row in PROVIDERS.values()}
        if self.account_id is None:
            names.discard("CLOUDFLARE_API_KEY")
        return {name: value for name, value in self.values.items() if name in names}

    @property
    def local_url(self) -> str | None:
        """Address of a local gateway that runs already, without a slash at the end."""
        url = self.values.get("LOCAL_GATEWAY_URL")
        return url.rstrip("/") if url else None

    @property
    def local_token(self) -> str | None:
        """That gateway's token."""
        return self.values.get("LOCAL_GATEWAY_TOKEN")

    @property
    def local_data(self) -> Path:
        """Data directory of the local gateway."""
        return ROOT / self.values.get("LOCAL_GATEWAY_DATA", ".data/gateway")

    @property
    def records_url(self) -> str:
        """Database of the records."""
        return self.values.get("RECORDS_URL", f"sqlite:///{ROOT / '.data/records.db'}")

    @property
    def scheduler(self) -> str | None:
        """Address of the Dask scheduler whose workers can send an experiment's requests."""
        return self.values.get("DASK_SCHEDULER")

    def rows(self) -> tuple[Row, ...]:
        """Return every variable as the connection page shows it, secrets masked."""
        problems = {problem.name: problem.reason for problem in self.problems}
        return tuple(
            Row(
                name=name,
                value=variable.show(self.values[name]) if name in self.values else NOTHING,
                source=self.sources.get(name),
                problem=problems.get(name),
                purpose=variable.purpose,
            )
            for name, variable in VARIABLES.items()
        )


def _env_file(path: Path) -> tuple[dict[str, str], list[SettingsError]]:
    """Read what can be read of a .env file; ``None`` values are left out."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        return {}, [SettingsError(path.name, f"can't be read: {reason}")]
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return {}, [SettingsError(path.name, f"must be UTF-8 text, which line {line} isn't")]
    lines = list(parse_stream(StringIO(text)))
    problems = [
        SettingsError(path.name, f"line {_number(line)} can't be read: write NAME=value")
        for line in lines
        if line.error or (line.key in VARIABLES and line.value is None)
    ]
    good = "".join(line.original.string for line in lines if not line.error)
    values = dotenv_values(stream=StringIO(good))
    return {name: value for name, value in values.items() if value is not None}, problems


def _number(line: Binding) -> int:
    """The line of a statement: the parser counts the blank lines before it as its own."""
    text = line.original.string
    return line.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _misspelled(written: Mapping[str, str], found: Mapping[str, object]) -> list[SettingsError]:
    """Name the variables of .env that nobody reads but that look like one that is missing."""
    missing = [name for name in VARIABLES if name not in found]
    problems = []
    for name in written:
        meant = difflib.get_close_matches(name.upper(), missing, n=1, cutoff=0.82)
        if name not in VARIABLES and meant:
            problems.append(SettingsError(name, f"isn't read by this app: write {meant[0]}"))
    return problems


def _incomplete(
    values: Mapping[str, str], reasons: Mapping[str, str | None]
) -> list[SettingsError]:
    """Name what the hosted gateway lacks, where one half of it is given."""
    pair = {"CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_GATEWAY_ID"}
    if not pair & values.keys():
        return []
    return [
        SettingsError(name, "is missing: without it your hosted gateway can't be used")
        for name in sorted(pair - values.keys())
        if not reasons.get(name)
    ]

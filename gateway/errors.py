"""Everything that can go wrong, in one tree.

GatewayError
├── SettingsError     .env lacks a value, or holds one we can't use
├── HeaderError       a cf-aig-* header has a value the gateway would refuse
├── Unreachable       no answer: DNS, refused connection, dropped stream
│   └── TimedOut      no answer within our own patience
├── BadAnswer         an answer came, but not in the promised format
├── BadRequest        a request body isn't in the format of its provider
├── BadDocument       a link or an imported document can't be read, or can't be shared
├── Refused           the management API turned a request down
├── RecordsError      the records database can't be opened, read or written
└── LocalGatewayError the local gateway can't start, or its data directory can't be used

A 4xx or 5xx answer is not in this tree. It is an answer: see ``Reply.status``.
"""


class GatewayError(Exception):
    """Base of the tree: ``except GatewayError`` catches all that this package raises.

    The message is one plain sentence that a user can act on. It never holds a key or token.
    """


class SettingsError(GatewayError, ValueError):
    """.env lacks a value, or holds one we can't use.

    Attributes:
        name: The variable, for example ``"CLOUDFLARE_ACCOUNT_ID"``.
        reason: What would be accepted, for example ``"must be 32 hex characters"``.
    """

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"{name} {reason}")


class HeaderError(GatewayError, ValueError):
    """A cf-aig-* header has a value the gateway would refuse.

    Attributes:
        field: Field of ``Options``, for example ``"cache_ttl"``.
        value: What was given.
        reason: What would be accepted, for example ``"must be from 1 to 5"``.
    """

    def __init__(self, field: str, value: object, reason: str) -> None:
        self.field = field
        self.value = value
        self.reason = reason
        super().__init__(f"{field} {reason}, not {value!r}")


class Unreachable(GatewayError):
    """No answer, or a stream that broke off: DNS, refused connection, reset."""


class TimedOut(Unreachable):
    """No answer within our own patience."""


class BadAnswer(GatewayError):
    """An answer came, but not in the promised format."""


class BadRequest(GatewayError, ValueError):
    """A request body isn't in the format of its provider."""


class BadDocument(GatewayError, ValueError):
    """A link or an imported document can't be read, or something can't be shared as it is."""


class Refused(GatewayError):
    """The management API turned a request down.

    Attributes:
        status: What it answered.
        field: The setting that it doesn't accept, where it names one.
    """

    def __init__(self, sentence: str, *, status: int, field: str | None = None) -> None:
        self.status = status
        self.field = field
        super().__init__(sentence)


class RecordsError(GatewayError):
    """The records database can't be opened, read or written."""


class LocalGatewayError(GatewayError):
    """The local gateway can't start, or its data directory can't be used."""

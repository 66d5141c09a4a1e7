"""The answer cache: which requests it serves, under which key, for how long.

Exact match only. What is documented is in the contract (behaviour, 3); its ASSUMPTIONS are: the key
joins its parts with a newline and hashes the raw body; only 2xx answers are stored; ``skip-cache``
neither reads nor writes; a streamed request always misses and is never stored.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.local.reading import Settled
from gateway.policy import GatewayPolicy

DEFAULT_TTL_S = 300
"""Lifetime where a custom key opts a request in and no level states one."""
REQUEST_LIMIT = 25 * 1024 * 1024
"""Largest request that is cacheable, in bytes (contract: limits)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One stored answer. Times are emulated seconds since the epoch.

    Attributes:
        provider: Slug of whose answer it is.
        original_ms: What the answer took when it was fresh.
        log_id: Log row of the fresh answer.
    """

    scope: str
    key: str
    provider: str
    status: int
    content_type: str
    body: bytes
    stored_at: float
    expires_at: float
    original_ms: float
    log_id: str

    @property
    def is_sound(self) -> bool:
        """Whether it can be an answer: a file that was damaged or edited gives anything back."""
        texts = (self.scope, self.key, self.provider, self.content_type, self.log_id)
        times = (self.stored_at, self.expires_at, self.original_ms)
        return (
            all(isinstance(text, str) for text in texts)
            and all(isinstance(time, float | int) for time in times)
            and isinstance(self.status, int)
            and 200 <= self.status < 300
            and isinstance(self.body, bytes)
        )


def is_cacheable(
    policy: GatewayPolicy, settled: Settled, *, method: str, streamed: bool, size: int
) -> bool:
    """Whether this request reads from the cache and writes to it.

    The gateway's own setting or a custom key switches caching on; a TTL header alone doesn't.
    """
    return (
        method == "POST"
        and not streamed
        and not settled.skip_cache
        and size <= REQUEST_LIMIT
        and (policy.caches or settled.cache_key is not None)
        and settled.cache_ttl != 0
    )


def ttl_s(settled: Settled) -> int:
    """Return how long an answer of this request may be reused."""
    return DEFAULT_TTL_S if settled.cache_ttl is None else settled.cache_ttl


def default_key(*, provider: str, endpoint: str, model: str, credential: str, body: bytes) -> str:
    """Return the key of a request that names none: the same request gives the same key."""
    digest = hashlib.sha256(f"{provider}\n{endpoint}\n{model}\n{credential}\n".encode())
    digest.update(body)
    return digest.hexdigest()


class Cache:
    """Stored answers, the least recently used dropped first when they grow too large.

    Args:
        limit: Bytes of bodies that are kept.
    """

    def __init__(self, entries: Iterable[Entry] = (), *, limit: int = 256 * 1024 * 1024) -> None:
        self._limit = limit
        self._size = 0
        self._entries: OrderedDict[tuple[str, str], Entry] = OrderedDict()
        for entry in entries:
            self.put(entry)

    def get(self, scope: str, key: str, now: float) -> Entry | None:
        """Return the entry of a gateway under a key, unless its time is over."""
        entry = self._entries.get((scope, key))
        if entry is None:
            return None
        if entry.expires_at <= now or entry.stored_at > now:
            self._drop(scope, key)
            return None
        self._entries.move_to_end((scope, key))
        return entry

    def put(self, entry: Entry) -> None:
        """Store one answer; the newer of two under one key stays."""
        self._drop(entry.scope, entry.key)
        self._entries[entry.scope, entry.key] = entry
        self._size += len(entry.body)
        while self._size > self._limit:
            self._drop(*next(iter(self._entries)))

    def clear(self, scope: str) -> None:
        """Forget all answers of one gateway."""
        for other, key in [place for place in self._entries if place[0] == scope]:
            self._drop(other, key)

    def forget_provider(self, provider: str) -> None:
        """Forget all answers of one provider, in every gateway."""
        for place in [key for key, entry in self._entries.items() if entry.provider == provider]:
            self._drop(*place)

    def __len__(self) -> int:
        return len(self._entries)

    def _drop(self, scope: str, key: str) -> None:
        entry = self._entries.pop((scope, key), None)
        if entry is not None:
            self._size -= len(entry.body)

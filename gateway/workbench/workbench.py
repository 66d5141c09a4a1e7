"""Workbench: asks, keeps and reads back. Synchronous, because pages are.

ask  ->  Answer        a task on the one event loop: client -> gateway, then cost, then records
history, shelf         the records as a table, and the documents beside them
check, journal, why    how a gateway is, and what the local one did for an answer
converse -> Session    a realtime session on the same loop
lab         experiments on the same loop
policy, log, rate      a gateway's settings, its log row of an answer, feedback for it

What can't be done is returned as a ``Failure`` with its sentence: pages catch nothing.
"""

import asyncio
import atexit
import contextlib
import logging
import shutil
import tempfile
import threading
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeVar

import pandas as pd

from gateway import pricing
from gateway.chat import Chat, Completion, Exchange, Failure, Reply, Target, Times
from gateway.client import GatewayClient, Stream
from gateway.errors import BadRequest, GatewayError, RecordsError
from gateway.frames import history
from gateway.headers import Options
from gateway.logs import LogEntry
from gateway.loop import Loop
from gateway.management import Management
from gateway.masking import mask_text
from gateway.policy import GatewayPolicy
from gateway.realtime import Session, Wish
from gateway.records import Records, Shelf, fingerprint
from gateway.settings import Settings
from gateway.websocket import GatewaySocket
from gateway.wire.fast import FastWire
from gateway.wire.wires import SILENCE_S
from gateway.workbench.answer import Answer
from gateway.workbench.lab import Lab
from gateway.workbench.places import LOCAL, Health, Places

Json = Any
Given = TypeVar("Given")
Result = TypeVar("Result")
log = logging.getLogger(__name__)

ALIVE_S = 0.25
"""How often an answer asks whether somebody still wants it."""

ORIGINAL_S = 1.0
"""How long a cache hit waits for the records to say what the fresh answer took."""


UNSENT = Reply(status=0, completion=Completion(text=""), times=Times(end_s=0), stopped=True)
"""What came back of a call that was stopped before it began."""


class Workbench:
    """One installation at work: its settings, gateways, event loop and records.

    Attributes:
        settings: What .env says.
        lab: The experiments.
    """

    def __init__(self, settings: Settings, records: Records, places: Places) -> None:
        self.settings = settings
        self._records = records
        self._places = places
        self._running: set[Answer] = set()
        self._sessions: set[Session] = set()
        self._closed = False
        self._loop = Loop()
        self._wire = self._loop.run(_wire())
        self._sockets: dict[str, GatewaySocket] = {}
        self.lab = Lab(
            self._loop,
            records.runs,
            lambda: self.targets,
            secrets=settings.secrets,
            scheduler=settings.scheduler,
        )
        atexit.register(self.close)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Start what the settings ask for. What can't be used is named in ``problems``."""
        # Prices take half a second to load: ready before the first answer ends.
        threading.Thread(target=pricing.snapshot_date, name="prices", daemon=True).start()
        places = Places.open(settings)
        workbench = cls(settings, _records(settings, places.problems), places)
        health = workbench.check(LOCAL)
        if not health.ok:
            places.problems.append(f"The local gateway doesn't answer. {health.sentence}")
        return workbench

    @property
    def targets(self) -> Mapping[str, Target]:
        """The gateways that can be asked, ``"local"`` first, and ``"direct"``: none at all."""
        return MappingProxyType(self._places.targets)

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that isn't as it should be, in sentences."""
        settings = [f"{problem}." for problem in self.settings.problems]
        records = [self._records.problem] if self._records.problem else []
        return (*settings, *self._places.problems, *records)

    def ask(
        self,
        chat: Chat,
        options: Options = Options(),
        *,
        target: str = LOCAL,
        alive: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """Send a chat and return at once; whatever happens ends up in ``Answer.exchange``.

        Args:
            target: One of ``targets``. Another one, as a kept conversation may name, isn't asked.
            alive: Whether somebody still wants the answer; asked on the loop's thread.
        """
        place, stop = self._places.targets.get(target), asyncio.Event()
        if place is None:
            return Answer.of(
                Exchange(chat=chat, options=options, target=target, failure=_nowhere(target))
            )
        answer = Answer(chat, options, target, stop=lambda: self._loop.call(_set(stop)))
        self._running.add(answer)
        self._loop.call(self._run(answer, place, stop, alive))
        return answer

    def converse(
        self, wish: Wish, *, target: str = LOCAL, alive: Callable[[], bool] = lambda: True
    ) -> Session:
        """Begin a realtime session and return at once; whatever happens is in ``Session.view``.

        Args:
            target: One of ``targets``.
            alive: Whether somebody still wants it; asked on the loop's thread.

        Raises:
            KeyError: there is no such target.
        """
        place, secrets = self._places.targets[target], self.settings.secrets
        session = Session(wish, place, post=self._loop.call, secrets=secrets)
        self._sessions.add(session)
        self._loop.call(self._attended(session, alive))
        return session

    async def _attended(self, session: Session, alive: Callable[[], bool]) -> None:
        try:
            await session.run(alive)
        finally:
            self._sessions.discard(session)

    def history(self, *, since: datetime | None = None) -> pd.DataFrame:
        """Return every recorded exchange as a table, oldest first; see ``frames.history``."""
        try:
            return history(self._records.figures(since=since))
        except RecordsError as error:
            log.warning("%s", error)
            return history([])

    def asked(self, *, limit: int = 200) -> list[tuple[datetime, str]]:
        """Return when something was asked, and what: the newest of the records, oldest first.

        Raises:
            RecordsError: the records can't be read.
        """
        return [(one.at, one.chat.prompt) for one in self._records.find(limit=limit)]

    def check(self, target: str) -> Health:
        """Ask a gateway whether it answers; costs nothing."""
        return self._loop.run(self._places.check(self._wire, target))

    def journal(self, log_id: str) -> list[dict[str, Json]]:
        """Return every attempt that the local gateway made for one answer."""
        return self._loop.run(self._places.journal(self._wire, log_id))

    @property
    def shelf(self) -> Shelf:
        """Named documents: sessions, presets, plans, verdicts. Its errors are the caller's."""
        return self._records.shelf

    def policy(self, target: str = LOCAL) -> GatewayPolicy | Failure:
        """Return a gateway's settings. Asks the gateway each time.

        Raises:
            KeyError: there is no such target.
        """
        return self._tried(self._management(target).policy())

    def change_policy(self, target: str, settings: Mapping[str, Json]) -> GatewayPolicy | Failure:
        """Change some of a gateway's settings, by their names on the wire; the others stay.

        Raises:
            KeyError: there is no such target.
        """
        return self._tried(self._management(target).change(settings))

    def log(self, exchange: Exchange) -> LogEntry | Failure | None:
        """Return the gateway's log row of an answer; ``None`` where there is none, or none yet."""
        return self._tried(self._of(exchange, Management.log))

    def rate(self, exchange: Exchange, score: int) -> Failure | None:
        """Give an answer's log row feedback: 1 is good, -1 is bad, 0 takes it back."""
        return self._tried(
            self._of(exchange, lambda management, log_id: management.rate(log_id, score))
        )

    def why(self, exchange: Exchange) -> Mapping[str, Json] | None:
        """Return why an answer was a hit or a miss; ``None`` where the gateway doesn't tell."""
        found = self._tried(self._of(exchange, Management.why))
        return None if isinstance(found, Failure) else found

    def _management(self, target: str) -> Management:
        return Management(self._wire, self._places.targets[target])

    async def _of(
        self, exchange: Exchange, ask: Callable[[Management, str], Coroutine[Any, Any, Result]]
    ) -> Result:
        """Ask the gateway of an exchange about its log row."""
        log_id = exchange.reply.log_id if exchange.reply is not None else None
        if log_id is None:
            raise BadRequest("The gateway named no log row for this answer.")
        if exchange.target not in self._places.targets:
            raise BadRequest(f"The gateway {exchange.target} isn't set up here any more.")
        return await ask(self._management(exchange.target), log_id)

    def _tried(self, work: Coroutine[Any, Any, Result]) -> Result | Failure:
        try:
            return self._loop.run(work)
        except GatewayError as error:
            return self._failure(error)

    def close(self) -> None:
        """Stop what runs, write what is left, end the local gateway. A second call is nothing."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        running = tuple(self._running)
        for answer in running:
            answer.stop()
        for session in tuple(self._sessions):
            session.close()
        self.lab.close()
        for answer in running:
            with contextlib.suppress(TimeoutError):
                answer.wait(2 * ORIGINAL_S)
        for socket in self._sockets.values():
            self._loop.run(socket.aclose())
        self._loop.run(self._wire.aclose())
        self._loop.close()
        self._records.close()
        self._places.close()

    async def _run(
        self, answer: Answer, target: Target, stop: asyncio.Event, alive: Callable[[], bool]
    ) -> None:
        """Carry one call from its start to its exchange. The one place that catches errors."""
        at = datetime.now(UTC)
        client = self._client(answer.chat, target)
        stream: Stream | None = None
        failure: Failure | None = None
        try:
            stream = client.stream(answer.chat, answer.options)
            answer.begin(stream)
            await _drain(stream, stop, alive)
        except GatewayError as error:
            failure = self._failure(error)
        except Exception as error:
            log.exception("An answer ended in an error of our own")
            failure = self._failure(error)
        reply = stream.reply if stream is not None else None
        step = answer.chat.answering(reply.step if reply is not None else None)
        exchange = Exchange(
            at=at,
            chat=answer.chat,
            options=answer.options,
            target=target.name,
            sent=stream.sent if stream is not None else None,
            reply=reply if reply is not None or failure is not None else UNSENT,
            failure=failure,
            simulated=step.provider in target.simulated,
        )
        exchange = replace(
            exchange,
            cost=await _aside(pricing.cost_of, exchange),
            original_ms=await self._original_ms(exchange),
        )
        self._records.add(exchange)
        self._running.discard(answer)
        answer.end(exchange)

    def _client(self, chat: Chat, target: Target) -> GatewayClient | GatewaySocket:
        """Return the client of the wire that a chat chose; one socket serves all of a target's."""
        secrets = self.settings.secrets
        if chat.transport == "http":
            return GatewayClient(self._wire, target, secrets=secrets)
        if target.name not in self._sockets:
            self._sockets[target.name] = GatewaySocket(target, secrets=secrets)
        return self._sockets[target.name]

    def _failure(self, error: Exception) -> Failure:
        sentence = mask_text(str(error), self.settings.secrets)
        return Failure(name=type(error).__name__, sentence=sentence)

    async def _original_ms(self, exchange: Exchange) -> float | None:
        """Return what a cache hit took when it was fresh; ``None`` where nobody knows."""
        reply, sent = exchange.reply, exchange.sent
        if reply is None or reply.cache != "HIT" or sent is None:
            return None
        question = fingerprint(sent, exchange.target)
        try:
            async with asyncio.timeout(ORIGINAL_S):
                return await _aside(self._records.newest_fresh, question)
        except (RecordsError, TimeoutError):
            return None


async def _drain(stream: Stream, stop: asyncio.Event, alive: Callable[[], bool]) -> None:
    """Read a stream to its end, or close it when nobody wants it any more."""
    reading = asyncio.ensure_future(_read(stream))
    stopped = asyncio.ensure_future(stop.wait())
    both = {reading, stopped}
    try:
        while not reading.done() and not stopped.done() and alive():
            await asyncio.wait(both, timeout=ALIVE_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        await asyncio.wait(both)
    if not reading.cancelled():
        reading.result()


async def _read(stream: Stream) -> bool:
    async for _ in stream:
        pass
    return True


async def _aside(work: Callable[[Given], Result], given: Given) -> Result:
    """Do what takes long beside the loop; at the interpreter's end there are no more threads."""
    try:
        return await asyncio.to_thread(work, given)
    except RuntimeError:
        return work(given)


async def _set(event: asyncio.Event) -> None:
    event.set()


async def _wire() -> FastWire:
    return FastWire(silence_s=SILENCE_S)


def _nowhere(target: str) -> Failure:
    sentence = f"The gateway {target!r} isn't connected here: choose another, or connect it."
    return Failure(name="BadRequest", sentence=sentence)


def _records(settings: Settings, problems: list[str]) -> Records:
    """Open the records; where they can't be opened, keep them for as long as the app runs."""
    try:
        return Records.open(settings.records_url)
    except RecordsError as error:
        problems.append(f"{error} Until then, records last only as long as the app.")
    directory = Path(tempfile.mkdtemp(prefix="records-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Records.open(f"sqlite:///{directory}/records.db")

"""Session: one realtime connection, every event on it, and what was said.

It runs on the event loop and belongs to no page: whoever holds it can go on reading after a rerun.
"""

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from gateway.chat import Target
from gateway.client import AGENT
from gateway.codes import explain
from gateway.errors import BadRequest, GatewayError, Unreachable
from gateway.masking import mask_text, mask_url
from gateway.realtime.meaning import Frame, Meaning, Wish, kind_of
from gateway.realtime.sound import pcm_of, wav_of
from gateway.realtime.tongues import TONGUES, key_headers
from gateway.realtime.view import Event, Said, State, View
from gateway.wire.network import Proxies, trust
from gateway.wire.trouble import no_connection, no_connection_in, place_of

CONNECT_S, CLOSE_S = 10.0, 1.0
ALIVE_S = 0.25
"""How often a session asks whether somebody still wants it."""

EVENTS_KEPT = 2_000
BODY_KEPT = 16_000
"""Characters of one event that are kept; sound takes more, and nobody reads it."""

MESSAGE_LIMIT = 32 * 1024 * 1024
GOODBYES = (1000, 1001, 1005)
"""Close codes with which a session ends as it should."""


class Session:
    """One realtime session through a gateway.

    Args:
        target: The gateway; its token and the provider's key go into the handshake.
        secrets: Masked wherever an event holds them.
        post: Starts a coroutine on the event loop, from any thread.
    """

    def __init__(
        self,
        wish: Wish,
        target: Target,
        *,
        post: Callable[[Coroutine[Any, Any, None]], object],
        secrets: Iterable[str] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.wish = wish
        self.target = target
        self._tongue = TONGUES[wish.offer.dialect]
        self._key = target.keys.get(wish.offer.provider)
        self._secrets = [secret for secret in (*secrets, target.token, self._key) if secret]
        self._post = post
        self._clock = clock
        self._began = clock()
        self._guard = threading.Lock()
        self._state: State = "connecting"
        self._sentence = ""
        self._said: list[Said] = []
        self._sounds: dict[int, bytearray] = {}
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._count = 0
        self._version = 0
        self._socket: ClientConnection | None = None
        self._leaving = False

    @property
    def url(self) -> str:
        """Where it is connected to, a key in the address masked."""
        return mask_url(self._url())

    def view(self) -> View:
        """Return what has happened so far."""
        with self._guard:
            return View(
                state=self._state,
                version=self._version,
                sentence=self._sentence,
                said=tuple(self._said),
                events=tuple(self._events),
                dropped=self._count - len(self._events),
            )

    def say(self, text: str) -> None:
        """Send a message in text."""
        frames = self._tongue.say(text, self.wish, answering=self.view().answering)
        self._ask(Said(ours=True, text=text), frames)

    def hear(self, recording: bytes) -> None:
        """Send a message in sound.

        Args:
            recording: A WAV file with the samples a second that the offer names.

        Raises:
            BadDocument: it isn't one.
        """
        samples = pcm_of(recording, self.wish.offer.rate_in_hz)
        frames = self._tongue.hear(samples, self.wish)
        self._ask(Said(ours=True, sound=recording), frames)

    def send(self, text: str) -> None:
        """Send one event as it is typed.

        Raises:
            BadRequest: it isn't a JSON object.
        """
        try:
            event = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"An event must be a JSON object: {error}.") from error
        if not isinstance(event, dict):
            raise BadRequest('An event must be a JSON object, such as {"type": "..."}.')
        self._post(self._send([text]))

    def stop(self) -> None:
        """Cut the running answer short, where the API has a message for it."""
        self._post(self._send(self._tongue.stop()))

    @property
    def stoppable(self) -> bool:
        """Whether this API can cut an answer short."""
        return bool(self._tongue.stop())

    def close(self) -> None:
        """End the session. Does nothing after the end."""
        self._leaving = True
        self._post(self._leave())

    async def run(self, alive: Callable[[], bool] = lambda: True) -> None:
        """Connect, and read until one side closes; for the loop only.

        Args:
            alive: Whether somebody still wants the session.
        """
        try:
            self._socket = socket = await self._connect()
        except GatewayError as error:
            self._end("failed", mask_text(str(error), self._secrets))
            return
        try:
            if not self._tongue.greets:
                self._set_state("open")
            await self._send(self._tongue.opening(self.wish))
            reading = asyncio.ensure_future(self._read(socket))
            while not reading.done() and not self._leaving and alive():
                await asyncio.wait((reading,), timeout=ALIVE_S)
            reading.cancel()
            await asyncio.wait((reading,))
        finally:
            await socket.close()
            self._end(*self._ending(socket))

    async def _connect(self) -> ClientConnection:
        url = self._url()
        place, token = place_of(self.target.base_url), self.target.token
        secure: dict[str, Any] = {"ssl": trust()} if urlsplit(url).scheme == "wss" else {}
        own = (("cf-aig-authorization", f"Bearer {token}"),) if token else ()
        try:
            return await connect(
                url,
                additional_headers=[*own, *key_headers(self.wish.offer, self._key)],
                user_agent_header=AGENT,
                compression=None,
                max_size=MESSAGE_LIMIT,
                open_timeout=CONNECT_S,
                close_timeout=CLOSE_S,
                proxy=Proxies().find(self.target.base_url),
                **secure,
            )
        except InvalidStatus as refused:
            raise Unreachable(_refusal(refused)) from refused
        except TimeoutError as error:
            raise no_connection_in(CONNECT_S, place) from error
        except (OSError, WebSocketException) as error:
            raise no_connection(error, place) from error

    def _url(self) -> str:
        address = self._tongue.address(self.wish, self._key)
        return f"ws{self.target.base_url.removeprefix('http')}{address}"

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                self._note(frame, sent=False)
                meaning = self._tongue.read(frame)
                self._take(meaning)
                if meaning.reply is not None:
                    await self._send([meaning.reply])
        except ConnectionClosed:
            pass

    async def _send(self, frames: Sequence[Frame]) -> None:
        if self._socket is None:
            return
        for frame in frames:
            self._note(frame, sent=True)
            try:
                await self._socket.send(frame)
            except ConnectionClosed:
                return

    async def _leave(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    def _ask(self, ours: Said, frames: Sequence[Frame]) -> None:
        at = self._now()
        with self._guard:
            self._said += [replace(ours, asked_s=at, ended_s=at), Said(ours=False, asked_s=at)]
            self._version += 1
        self._post(self._send(frames))

    def _take(self, meaning: Meaning) -> None:
        """Note what an event says."""
        if meaning.ready:
            self._set_state("open")
        if meaning.heard:
            self._understood(meaning.heard)
        says = meaning.text or meaning.sound or meaning.picture or meaning.error
        if not says and not meaning.ended:
            return
        with self._guard:
            # Answers come in the order of the questions: the oldest that runs is meant.
            place = next((n for n, said in enumerate(self._said) if said.running), None)
            if place is None and meaning.trailing and self._said and not self._said[-1].ours:
                place = len(self._said) - 1
            if place is None and not says:
                return
            if place is None:
                self._said.append(Said(ours=False, asked_s=self._now()))
                place = len(self._said) - 1
            self._said[place] = self._added(place, meaning)
            self._version += 1

    def _added(self, place: int, meaning: Meaning) -> Said:
        said, now = self._said[place], self._now()
        sound = self._sounds.setdefault(place, bytearray())
        sound += meaning.sound
        ended = meaning.ended or meaning.error is not None
        rate = self.wish.offer.rate_out_hz
        says = meaning.text or meaning.sound or meaning.picture
        first = now if said.first_s is None and says else said.first_s
        return replace(
            said,
            text=mask_text(said.text + meaning.text, self._secrets),
            sound=wav_of(bytes(sound), rate) if ended and sound else b"",
            picture=meaning.picture or said.picture,
            first_s=first,
            ended_s=now if ended else None,
            tokens_in=said.tokens_in if meaning.tokens_in is None else meaning.tokens_in,
            tokens_out=said.tokens_out if meaning.tokens_out is None else meaning.tokens_out,
            problem=None if meaning.error is None else mask_text(meaning.error, self._secrets),
        )

    def _understood(self, text: str) -> None:
        """Write under our newest recording what was heard of it."""
        with self._guard:
            ours = [n for n, said in enumerate(self._said) if said.ours and said.sound]
            if ours:
                said = self._said[ours[-1]]
                self._said[ours[-1]] = replace(said, text=said.text + text)
                self._version += 1

    def _note(self, frame: Frame, *, sent: bool) -> None:
        at, kind = self._now(), kind_of(frame)
        raw = frame if isinstance(frame, bytes) else frame.encode("utf-8", "replace")
        text = raw.decode("utf-8", "replace") if kind != "sound" else ""
        # Masked first and cut then: half a secret would not be found.
        body = mask_text(text, self._secrets)[:BODY_KEPT]
        with self._guard:
            self._events.append(
                Event(number=self._count, at_s=at, sent=sent, kind=kind, size=len(raw), body=body)
            )
            self._count += 1
            self._version += 1

    def _set_state(self, state: State) -> None:
        with self._guard:
            self._state = state
            self._version += 1

    def _end(self, state: State, sentence: str) -> None:
        with self._guard:
            self._state, self._sentence = state, sentence
            now = self._now()
            self._said = [
                replace(said, ended_s=now, problem="The session ended before the answer did.")
                if said.running
                else said
                for said in self._said
            ]
            self._version += 1

    def _ending(self, socket: ClientConnection) -> tuple[State, str]:
        """Return the state after the end, and why it ended."""
        code, reason = socket.close_code, socket.close_reason
        if self._leaving or code is None:
            return "closed", "You left."
        words = f": {mask_text(reason, self._secrets)}" if reason else ""
        if code == 1006:
            return "failed", "The connection broke."
        sentence = f"The other side closed the session with code {code}{words}."
        return ("closed" if code in GOODBYES else "failed"), sentence

    def _now(self) -> float:
        return self._clock() - self._began


def _refusal(refused: InvalidStatus) -> str:
    """Say what an answer to the handshake means, that isn't the upgrade."""
    answer = refused.response
    body = bytes(answer.body or b"").decode("utf-8", "replace")
    row = explain(answer.status_code, body)
    if row is None:
        return f"The gateway answered the handshake with HTTP {answer.status_code}."
    number = f", code {row.code}" if row.code is not None else ""
    return f"HTTP {answer.status_code}{number}: {row.meaning} {row.fix}"

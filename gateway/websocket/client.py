"""GatewaySocket: sends chats to one gateway over its WebSocket."""

import json
import time
from collections.abc import Callable, Iterable

from gateway.chat import Chat, Reply, Sent, Target
from gateway.client import GatewayClient, Stream
from gateway.errors import BadRequest
from gateway.headers import Options
from gateway.masking import mask
from gateway.websocket.messages import handshake_headers, message_of, socket_url
from gateway.websocket.wire import SILENCE_S, SocketWire


class GatewaySocket:
    """Speaks WebSocket with one gateway. Belongs to the event loop that it is used on first.

    Args:
        secrets, clock: As for ``GatewayClient``.
        silence_s: How long one answer may pause, its start included.
    """

    def __init__(
        self,
        target: Target,
        *,
        secrets: Iterable[str] = (),
        clock: Callable[[], float] = time.perf_counter,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._target = target
        self._wire = SocketWire(target, silence_s=silence_s)
        self._client = GatewayClient(self._wire, target, secrets=secrets, clock=clock)

    async def send(self, chat: Chat, options: Options = Options()) -> Reply:
        """Send one chat and wait for the whole answer; errors as in ``GatewayClient.send``."""
        stream = self.stream(chat, options)
        async for _ in stream:
            pass
        assert stream.reply is not None
        return stream.reply

    def stream(self, chat: Chat, options: Options = Options()) -> Stream:
        """Return the answer to one chat; as ``GatewayClient.stream``.

        Raises:
            BadRequest: this chat can't be sent over WebSocket.
        """
        if chat.route == "rest":
            raise BadRequest("The REST endpoint has no WebSocket: choose another route.")
        if self._target.bases is not None:
            raise BadRequest("Without a gateway there is no WebSocket for chats: choose HTTP.")
        stream = self._client.stream(chat, options)
        stream.sent = self._shown(stream.sent)
        return stream

    async def aclose(self) -> None:
        """Close the connection."""
        await self._wire.aclose()

    def _shown(self, sent: Sent) -> Sent:
        """Return the message in place of the request. Its ``eventId`` is chosen later."""
        token = self._target.token
        message = message_of(sent.url, sent.headers, sent.body, base=self._target.base_url)
        return Sent(
            method="WEBSOCKET",
            url=socket_url(self._target.base_url),
            headers=handshake_headers(token and mask(token)),
            body=json.dumps(message, ensure_ascii=False, separators=(",", ":")),
        )

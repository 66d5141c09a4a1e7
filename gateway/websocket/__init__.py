"""The WebSocket client: the same two verbs as over HTTP, over one connection that stays open.

GatewayClient  ->  SocketWire: request as universal.create  ->  one connection, many requests
Stream         <-  created, stream, done, error as status, headers and body

client     the two verbs
wire       the connection: opened when it is needed, and again when it is lost
messages   a request as a message, and what an answer's messages say

The protocol shows no status: an answer counts as 200, the gateway's own error has the status of its
envelope, and for a provider's error the status is read out of its body. Nor has it a way to stop
one answer: a request that is given up closes the connection if no other is open on it; otherwise
the rest of its answer is dropped.
"""

from gateway.websocket.client import GatewaySocket

__all__ = ["GatewaySocket"]

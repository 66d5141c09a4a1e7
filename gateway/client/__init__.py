"""The HTTP client: sends chats to one gateway, hosted or local, and reports what came back.

request     what is sent for a chat, on each of the four routes; pure
client      sends it, reads what comes back as it arrives
"""

from gateway.client.client import DONE, GatewayClient, Stream
from gateway.client.request import AGENT, Request, dialect_of, request_of

__all__ = ["AGENT", "DONE", "GatewayClient", "Request", "Stream", "dialect_of", "request_of"]

"""The wire: one small interface over two HTTP clients.

HttpxWire      single calls: chat, management, diagnosis
AiohttpWire    many calls at once: the local gateway's upstream hop, experiments

Both send what they are given and no more: no user agent, no cookies, no redirects, no
decompression. A status is returned, silence is raised, in the words of ``trouble``; ``network``
says what both know of this machine's network.
"""

from gateway.wire.wires import AiohttpWire, HttpxWire, Incoming, Wire

__all__ = ["AiohttpWire", "HttpxWire", "Incoming", "Wire"]

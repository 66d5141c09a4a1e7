"""The wire: one small interface over two HTTP clients.

wires      what both promise
single     HttpxWire: single calls, and all that go through a proxy
fast       FastWire: many calls at once (the local gateway's upstream hop, experiments), over
           ``connections`` of our own

Both send what they are given and no more: no user agent, no cookies, no redirects, no
decompression. A status is returned, silence is raised, in the words of ``trouble``; ``network``
says what both know of this machine's network.
"""

from gateway.wire.wires import Incoming, Wire

__all__ = ["Incoming", "Wire"]

"""A gateway of our own that speaks Cloudflare AI Gateway's wire, in a process of its own.

One request's way: app (bytes in) -> pipeline: route -> authentication -> rate limit -> cache ->
for each step: credentials -> attempts and waits -> upstream -> cache and log -> app (bytes out).
Where a gateway's settings ask for it, ``checks`` stand between them: guardrails, policies, spend
limits, data loss prevention.

A WebSocket's way: websocket (handshake) -> messages -> the same pipeline -> messages, or realtime:
dialing -> frames both ways, with the provider or with who plays it.
"""

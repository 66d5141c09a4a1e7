"""The process: ``python -m gateway.local --port N --data DIR``. Ends with SIGTERM or Ctrl-C."""

import argparse
import asyncio
import gc
import json
import logging
import os
import socket
import sys
import threading
from pathlib import Path

import uvicorn
from uvicorn.config import Config

from gateway import pricing
from gateway.errors import LocalGatewayError
from gateway.local.app import LocalGateway
from gateway.local.clock import Clock
from gateway.local.dialing import Dialer
from gateway.local.exports import Exports
from gateway.local.faults import Faults
from gateway.local.guard import is_loopback
from gateway.local.lines import MESSAGE_LIMIT
from gateway.local.management import management
from gateway.local.protocol import DataPlane
from gateway.local.simulated import Simulated
from gateway.local.simulated.realtime import Players
from gateway.local.state import State
from gateway.local.store import Store
from gateway.local.upstreams import Real, Upstreams, keys_of
from gateway.providers import provider_of
from gateway.wire.fast import FastWire

PING_S = 30.0
"""How often a WebSocket is asked whether its client is there, and how long that may take."""
PRICES_AFTER_S = 2.0
"""Seconds: whoever starts a gateway to ask it something has had an answer by then."""


def main() -> None:
    """Run the local gateway until it is told to stop."""
    options = _options()
    logging.basicConfig(level=logging.WARNING, format="local gateway: %(message)s")
    # A client that leaves mid-stream is no error, and uvicorn would log it as one; errors of our
    # own are logged by ``app``.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    # The store's thread writes beside the event loop: a short interval keeps it from holding up.
    sys.setswitchinterval(0.0005)
    listener = _listener(options.host, options.port)
    config = Config(
        app="",
        http=DataPlane,
        proxy_headers=False,
        log_level=logging.CRITICAL,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=MESSAGE_LIMIT,
        # Compression would cost memory for every idle connection, and time for every message.
        ws_per_message_deflate=False,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        try:
            runner.run(_serve(config, listener, options))
        except LocalGatewayError as error:
            sys.exit(f"The local gateway can't start. {error}")


async def _serve(config: Config, listener: socket.socket, options: argparse.Namespace) -> None:
    clock = Clock(scale=options.time_scale)
    store = Store.open(options.data)
    wire = FastWire()
    try:
        upstreams = Upstreams(
            real=Real(wire, options.upstream),
            simulated=Simulated(clock, seed=options.seed, instant=options.instant),
            keys=keys_of(os.environ),
            bases=options.upstream,
        )
        state = State(
            store=store,
            clock=clock,
            upstreams=upstreams,
            faults=Faults(seed=options.seed, now=clock.steady),
            exports=Exports(wire),
        )
        dialer = Dialer(upstreams, Players(clock, seed=options.seed, instant=options.instant))
        public = not is_loopback(options.host)
        others = management(state, public=public)
        config.app = LocalGateway(state, others, dialer, public=public)
        server = uvicorn.Server(config)
        if options.until_stdin_ends:
            threading.Thread(target=_stop_with_parent, args=(server,), daemon=True).start()
        # What is loaded now stays for good: leaving it out of every collection keeps those short.
        gc.freeze()
        _announce(listener)
        # Prices take a quarter of a second to load, which the first answer shouldn't wait for.
        prices = threading.Thread(target=pricing.snapshot, daemon=True)
        asyncio.get_running_loop().call_later(PRICES_AFTER_S, prices.start)
        await server.serve(sockets=[listener])
    finally:
        await wire.aclose()
        store.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m gateway.local", description="A local Cloudflare AI Gateway."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8787, help="0 takes a free one")
    parser.add_argument("--data", type=Path, default=Path(".data/gateway"), help="data directory")
    parser.add_argument(
        "--time-scale", type=_scale, default=1.0, help="emulated seconds per real second"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the simulated providers and faults")
    parser.add_argument(
        "--upstream",
        type=_upstream,
        action="append",
        default=[],
        metavar="PROVIDER=URL",
        help="ask this provider at this base URL instead of simulating it",
    )
    parser.add_argument("--instant", action="store_true", help="simulated providers never wait")
    parser.add_argument("--until-stdin-ends", action="store_true", help="stop with the parent")
    options = parser.parse_args()
    options.upstream = dict(options.upstream)
    return options


def _scale(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def _upstream(text: str) -> tuple[str, str]:
    slug, _, url = text.partition("=")
    if url.startswith(("ws://", "wss://")):
        # One base serves both: realtime sessions turn it back.
        url = f"http{url.removeprefix('ws')}"
    if provider_of(slug) is None or not url.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("must be PROVIDER=URL, such as openai=http://127.0.0.1:9")
    return slug, url


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        sys.exit(f"The local gateway can't listen on {host}:{port}: {error.strerror}.")
    listener.listen(2048)
    return listener


def _announce(listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    place = f"[{host}]" if ":" in host else host
    sys.stdout.write(json.dumps({"url": f"http://{place}:{port}"}) + "\n")
    sys.stdout.flush()


def _stop_with_parent(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    main()

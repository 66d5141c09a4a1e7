"""The known thing: nginx before the stub, one worker, passing through and caching.

/null       an answer from nginx itself: what the load generator can reach at most
/pass/...   proxy_pass, with connections that are kept, unbuffered so that streams stream
/cached/... proxy_cache, keyed by URL and body as ours is

It writes no access log: the strict reading of a comparison in which our own logging is on.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
INSTALL = "nginx isn't installed, so nothing is compared with it (Debian: apt-get install nginx)."
START_S = 10.0
CONFIG = """\
daemon off;
master_process off;
worker_processes 1;
pid {home}/pid;
error_log {home}/errors crit;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  client_body_buffer_size 1m;
  client_body_temp_path {home}/body;
  proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi;
  scgi_temp_path {home}/scgi;
  proxy_cache_path {home}/cache keys_zone=answers:10m;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  upstream stub {{ server {stub}; keepalive 128; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    location = /null {{ return 200 "serial 000000000000"; }}
    location /pass/ {{ proxy_pass http://stub/; proxy_buffering off; }}
    location /cached/ {{
      proxy_pass http://stub/;
      proxy_cache answers;
      proxy_cache_methods POST;
      proxy_cache_key "$request_uri $request_body";
      proxy_cache_valid 200 1h;
    }}
  }}
}}
"""


class Nginx:
    """A running nginx.

    Attributes:
        url: Without a slash at the end.
        pid: Its only process.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", home: Path, url: str) -> None:
        self._process = process
        self._home = home
        self.url = url
        self.pid = process.pid

    @classmethod
    def start(cls, stub_url: str) -> Self | None:
        """Start it before a stub; ``None`` where there is none on this machine."""
        program = shutil.which("nginx", path=PLACES)
        if program is None:
            return None
        home = Path(tempfile.mkdtemp(prefix="bench-nginx-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        config = CONFIG.format(home=home, port=port, stub=urlsplit(stub_url).netloc)
        (home / "nginx.conf").write_text(config, "ascii")
        process = subprocess.Popen(
            [program, "-e", str(home / "errors"), "-p", str(home), "-c", str(home / "nginx.conf")]
        )
        running = cls(process, home, f"http://127.0.0.1:{port}")
        if not _listens(port):
            running.stop()
            raise RuntimeError(f"nginx didn't start within {START_S:g} s; its words are above.")
        return running

    def stop(self) -> None:
        """End it and delete what it kept."""
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)


def _listens(port: int) -> bool:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.02)
    return False

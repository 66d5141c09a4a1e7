"""``make conformance``: write the page; with LIVE=1, ask a real gateway and print differences."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway.masking import mask
from gateway.settings import ENV_FILE, Settings
from tests.conformance.live import caution, look, report
from tests.conformance.page import PAGE, current
from tests.conformance.probes import PROBES
from tests.conformance.target import API_HOST, GATEWAY_HOST, Target

NO_CREDENTIALS = """\
There is no real gateway to ask: .env or the environment must have CLOUDFLARE_ACCOUNT_ID,
CLOUDFLARE_GATEWAY_ID and CLOUDFLARE_API_KEY (a token with AI Gateway: Run and Read, and Workers AI:
Read)."""


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Return the process's exit status: 0 also with differences, 1 where nobody could be asked."""
    options = _options(arguments)
    if not options.live:
        PAGE.write_text(current(), "utf-8")
        _say(f"Written: docs/{PAGE.name}")
        return 0
    settings = Settings.read(options.env, environ)
    target = Target.real(settings, options.gateway_host, options.api_host)
    if target is None:
        _say(NO_CREDENTIALS)
        for problem in settings.problems:
            _say(f"- {problem}")
        return 1
    _say(f"Asking the gateway {target.gateway!r} with {len(PROBES)} probes. They cost next to")
    _say("nothing and leave nothing but log rows. This takes a few minutes.")
    warning = caution(target)
    if warning:
        _say(warning)
    text = report(list(look(target, PROBES)))
    target.http.close()
    for secret in (*settings.secrets, target.account):
        text = text.replace(secret, mask(secret))
    _say(text)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--live", action="store_true", help="ask a real gateway")
    parser.add_argument("--env", type=Path, default=ENV_FILE, help="file with its credentials")
    parser.add_argument("--gateway-host", default=GATEWAY_HOST, help="of the data plane")
    parser.add_argument("--api-host", default=API_HOST, help="of management and REST")
    return parser.parse_args(arguments)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

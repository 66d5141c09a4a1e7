"""The openai package through the local gateway: one question twice, a MISS and then a HIT.

Run it with ``.venv/bin/python -m examples.openai_cache``. Nothing is installed, no key is needed:
the gateway plays the provider. The package comes with ``make test``, or ``pip install openai``.
"""

import time

from openai import OpenAI

from gateway.local.server import LocalServer

QUESTION = "What does a cache in front of a language model save?"


def main() -> None:
    """Ask twice and say what the gateway did."""
    with (
        LocalServer.start() as gateway,
        OpenAI(base_url=f"{gateway.gateway_url()}/openai", api_key="any key will do") as client,
    ):
        for _ in range(2):
            started = time.perf_counter()
            answer = client.chat.completions.with_raw_response.create(
                model="gpt-4o-mini", messages=[{"role": "user", "content": QUESTION}]
            )
            took_ms = (time.perf_counter() - started) * 1000
            text = answer.parse().choices[0].message.content or ""
            print(f"{answer.headers['cf-aig-cache-status']:<5}{took_ms:7.1f} ms  {text[:60]!r}")


if __name__ == "__main__":
    main()

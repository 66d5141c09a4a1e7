"""The experiment runner as a process: one job a line on stdin, what its rows say a line on stdout.

    {"url": ..., "streams": 32, "requests": 640}   {"ttft_ms": {serial: what the row says}, ...}
    {"url": ..., "streams": 64, "seconds": 1.0}    {"rps": whole requests a second}

It is the runner that the app uses, given the stub's address in place of a gateway's.
"""

import asyncio
import json
import sys
from typing import Any

from bench.upstream import DIGITS
from gateway.chat import Target
from gateway.experiments import null
from gateway.experiments.plan import Call, Plan, Recipe, Variant
from gateway.experiments.progress import Batch
from gateway.experiments.runner import Runner
from gateway.experiments.site import HostedSite

Json = Any


def plan_of(requests: int, streams: int) -> Plan:
    """Return a closed loop of so many streams under way at once."""
    asked = Variant(
        id="a", label="A", provider="openai", model="bench", stream=True, concurrency=streams
    )
    calls = tuple(
        Call(seq=number, variant="a", prompt=f"serial {number:0{DIGITS}}", prompt_id=str(number))
        for number in range(requests)
    )
    return Plan(
        recipe=Recipe(preset="bench", cap_usd=None),
        title="",
        question="",
        primary="ttft_p50_ms",
        variants=(asked,),
        calls=calls,
    )


async def streams(job: Json) -> Json:
    """Return, by serial number, the TTFT that the runner keeps; errors are told as they are."""
    batches: list[Batch] = []
    target = Target(name="stub", base_url=job["url"], keys={"openai": "sk-of-the-bench"})
    runner = Runner(
        plan_of(job["requests"], job["streams"]),
        HostedSite(target),
        run_id="bench",
        keep=batches.append,
    )
    progress = await runner.run()
    rows = [row for batch in batches for row in batch.requests]
    return {
        "ended": progress.stopped_by or progress.state,
        "elapsed_s": progress.elapsed_s,
        "ttft_ms": {f"{row['seq']:0{DIGITS}}": row["ttft_ms"] for row in rows},
    }


async def ceiling(job: Json) -> Json:
    """Return what the runner reaches where the answer costs nothing."""
    return {"rps": await null.reached_rps(job["url"], job["streams"], seconds=job["seconds"])}


def main() -> None:
    """Do jobs until stdin ends."""
    for line in sys.stdin:
        job = json.loads(line)
        found = asyncio.run(ceiling(job) if "seconds" in job else streams(job))
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

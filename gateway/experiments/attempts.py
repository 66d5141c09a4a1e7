"""Attempts behind each call, as the local gateway's journal knows them."""

from collections.abc import Sequence

from gateway.experiments.progress import Row
from gateway.experiments.site import Site


class Attempts:
    """Reads the journal bit by bit, and gives each finished call its attempts."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._read_s = 0.0
        self._waiting: dict[str, list[Row]] = {}
        self._request_of: dict[str, str] = {}

    async def of(self, requests: Sequence[Row]) -> list[Row]:
        """Return rows of the attempts table; note number and waits in the rows of requests.

        Args:
            requests: Finished calls. Where there is no journal, or where it can't be read, they
                stay as they are.
        """
        read = await self._site.attempts(self._read_s)
        for one in read or ():
            self._read_s = max(self._read_s, one["started_s"])
            # Each step of a fallback list has a log row of its own; the request joins them.
            self._request_of[one["log_id"]] = one["request_id"]
            known = self._waiting.setdefault(one["request_id"], [])
            # The newest ones of the last reading come again; by then they may have ended.
            place = one["step"], one["attempt"]
            known[:] = [other for other in known if (other["step"], other["attempt"]) != place]
            known.append(one)
        found: list[Row] = []
        for row in requests:
            request_id = self._request_of.pop(row["log_id"] or "", "")
            made = self._waiting.pop(request_id, [])
            if self._site.kind != "emulator" or row["log_id"] is None:
                continue
            if read is None and not made:
                continue
            row["attempts"], row["attempts_source"] = len(made), "emulator"
            row["backoff_ms"] = sum(one["wait_before_s"] for one in made) * 1000
            zero = made[0]["started_s"] if made else 0.0
            found += [
                {
                    "run_id": row["run_id"],
                    "request_id": row["request_id"],
                    "k": number,
                    "step": one["step"],
                    "t_start_s": one["started_s"] - zero,
                    "t_end_s": None if one["ended_s"] is None else one["ended_s"] - zero,
                    "status": one["status"],
                    "fault": one["fault"],
                    "wait_before_ms": one["wait_before_s"] * 1000,
                }
                for number, one in enumerate(made, 1)
            ]
        return found

"""fal's HTTP over WebSocket: a payload, then the start, the answer and the end of a response."""

from gateway.local.simulated.pictures import SIDE, data_url
from gateway.local.simulated.realtime.stage import Stage, object_of

FIRST_BYTE_S = 0.4
WRONG = 422


async def fal(stage: Stage) -> None:
    """Answer every payload with one picture."""
    while True:
        payload = object_of(await stage.hear()) or {}
        prompt = payload.get("prompt")
        status = 200 if isinstance(prompt, str) and prompt else WRONG
        about = {"request_id": stage.new_id("req_"), "status": status}
        headers = {"Content-Type": "application/json"}
        await stage.tell({"type": "start", **about, "headers": headers})
        if not stage.instant:
            await stage.clock.sleep(FIRST_BYTE_S)
        if status == WRONG:
            where = ["body", "prompt"]
            await stage.tell({"detail": [{"loc": where, "msg": "prompt must be text"}]})
        else:
            picture = {"url": data_url(str(prompt)), "content_type": "image/png"}
            size = {"width": SIDE, "height": SIDE}
            await stage.tell({"images": [{**picture, **size}], "prompt": prompt})
        first_s = 0.0 if stage.instant else FIRST_BYTE_S
        await stage.tell({"type": "end", **about, "time_to_first_byte_seconds": first_s})

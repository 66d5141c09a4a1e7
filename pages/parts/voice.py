"""What a screen reader is told: that answers have begun and ended, not every word of them.

A live region speaks when its text changes while it stays in place; what Streamlit redraws is put
there anew each time. So the region hangs on the document itself, and is found again by its id.
"""

import json

from streamlit.delta_generator import DeltaGenerator

REGION = "spoken"
HIDDEN = "position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"


def say(place: DeltaGenerator, sentence: str) -> None:
    """Have a sentence read out.

    Args:
        place: Where the script may stand; nothing is seen of it.
        sentence: One of ours; never a model's words, since it becomes part of a script.
    """
    place.html(
        "<script>(() => {"
        f"let region = document.getElementById('{REGION}');"
        "if (!region) {"
        "region = document.createElement('div');"
        f"region.id = '{REGION}';"
        "region.setAttribute('role', 'status');"
        "region.setAttribute('aria-live', 'polite');"
        f"region.style.cssText = '{HIDDEN}';"
        "document.body.append(region);"
        "}"
        f"region.textContent = {json.dumps(sentence)};"
        "})()</script>",
        unsafe_allow_javascript=True,
    )

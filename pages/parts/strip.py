"""Under an answer: one thin line of figures, and when each of its pieces came."""

from html import escape

import streamlit as st

from gateway.chat import Exchange
from gateway.evidence import Gaps, Marks, gaps_of
from pages.parts.figures import GLUE, UNMARKED, Figure, figures, saving
from pages.parts.state import story


def strip(exchange: Exchange, marks: Marks = UNMARKED) -> None:
    """Draw the figures of an answer, what a cache hit saved, and the arrival of its pieces.

    Args:
        marks: How it stands among the answers of its turn.
    """
    saved = saving(exchange)
    if saved is not None:
        st.markdown(f":green-badge[:material/savings: {saved}]")
    gaps = gaps_of(exchange)
    if gaps is not None and gaps.slots:
        st.html(_ticks(gaps))
    timeline, age_s = story(exchange.id, exchange)
    found = figures(exchange, marks=marks, timeline=timeline, gaps=gaps, age_s=age_s)
    if found:
        line = "\N{EM SPACE}".join(_spelled(figure) for figure in found)
        st.markdown(
            f":small[{line}]",
            help="\n".join(f"- **{f.label}** {f.value}: {f.why}" for f in found),
        )


def _spelled(figure: Figure) -> str:
    mark = f"{GLUE}{figure.mark}" if figure.mark else ""
    return f":gray[{figure.label}]{GLUE}**{figure.value}**{mark}"


def _ticks(gaps: Gaps) -> str:
    """Return a tick for each moment in which pieces came, over the time of the answer."""
    most, length = max(gaps.slots), len(gaps.slots)
    ticks = "".join(
        f'<span style="position:absolute;top:0;bottom:0;left:{100 * at / length:.2f}%;'
        f'width:{70 / length:.2f}%;background:currentColor;opacity:{0.3 + 0.7 * count / most:.2f}">'
        "</span>"
        for at, count in enumerate(gaps.slots)
        if count
    )
    said = escape(f"When the pieces came: {gaps.why}", quote=True)
    return (
        f'<div role="img" aria-label="{said}" title="{said}" style="position:relative;height:7px;'
        f'opacity:.6;border-bottom:1px solid">{ticks}</div>'
    )

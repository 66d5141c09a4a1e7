"""Charts as pictures: SVG in the theme's colours, for files that open without this app."""

from typing import Any, Literal

import streamlit as st
import vl_convert

from pages.parts.charts.material import Drawing

Scheme = Literal["light", "dark"]
WIDTH = 880
"""Pixels of a chart that fills its column."""
PADDING = 12
"""Pixels around it: long labels lean out of their place."""


def svg(drawing: Drawing, scheme: Scheme) -> str:
    """Return a chart as an SVG document, in the colours of the light or the dark theme."""
    spec = drawing.chart.to_dict()
    if "facet" not in spec and "hconcat" not in spec and "vconcat" not in spec:
        spec = {"width": WIDTH, **spec, "height": drawing.height}
    spec["padding"] = PADDING
    spec["config"] = {**spec.get("config", {}), **_colours(scheme)}
    return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))


def _colours(scheme: Scheme) -> dict[str, Any]:
    """Return what the app's own theme says of charts, as Vega-Lite takes it."""

    def theme(name: str) -> Any:
        return st.get_option(f"theme.{scheme}.{name}")

    text, soft, line = theme("textColor"), theme("grayColor"), theme("borderColor")
    ramp = theme("chartSequentialColors")
    return {
        "background": "transparent",
        "font": "system-ui, sans-serif",
        "axis": {
            "labelColor": soft,
            "titleColor": text,
            "gridColor": line,
            "domainColor": line,
            "tickColor": line,
            "labelFontSize": 12,
            "titleFontSize": 12,
        },
        "header": {"labelColor": text, "titleColor": text},
        "legend": {"labelColor": text, "titleColor": text, "labelFontSize": 12},
        "title": {"color": text},
        "text": {"color": text},
        "rule": {"color": soft},
        "view": {"stroke": "transparent"},
        "range": {
            "category": theme("chartCategoricalColors"),
            "ordinal": ramp,
            "ramp": ramp,
            "heatmap": ramp,
            "diverging": theme("chartDivergingColors"),
        },
    }

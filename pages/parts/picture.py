"""Saves charts as they are on the screen, as SVG: made in the browser, nothing is fetched."""

import streamlit as st

HTML = "<button type=button>Save as SVG</button>"
CSS = """
button {
  padding: 0.15rem 0; border: 0; background: none; cursor: pointer; text-decoration: underline;
  color: var(--st-link-color); font: 0.8125rem var(--st-font);
}
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""
JS = """
export default function ({ data, parentElement }) {
  parentElement.querySelector("button").onclick = () => {
    const xml = "http://www.w3.org/2000/svg";
    const all = document.createElementNS(xml, "svg");
    let right = 0, below = 0;
    const charts = `.st-key-${data.key} [data-testid=stVegaLiteChart] svg.marks`;
    for (const chart of document.querySelectorAll(charts)) {
      const copy = chart.cloneNode(true);
      copy.setAttribute("x", right);
      right += chart.clientWidth;
      below = Math.max(below, chart.clientHeight);
      all.appendChild(copy);
    }
    all.setAttribute("xmlns", xml);
    all.setAttribute("viewBox", `0 0 ${right} ${below}`);
    all.setAttribute("width", right);
    all.setAttribute("height", below);
    const text = new XMLSerializer().serializeToString(all);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    link.download = data.name + ".svg";
    link.click();
    URL.revokeObjectURL(link.href);
  };
}
"""

_button = st.components.v2.component("save_svg", html=HTML, css=CSS, js=JS)


def save(key: str, name: str) -> None:
    """Offer the charts of a container as one picture, beside each other.

    Args:
        key: The container's.
        name: What the file is called; anything but letters and digits becomes a dash.
    """
    plain = "-".join("".join(c if c.isalnum() else " " for c in name).split())
    _button(data={"key": key, "name": plain}, key=f"{key}-svg", height="content")

"""``docs/conformance.md``: one row for each rule, written from the rules and their tests."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.conformance.catalogue import DOCUMENTS, STANCES, Document, Rule
from tests.conformance.evidence import TESTS, Shown, evidence

NOTHING = "\N{EN DASH}"
PAGE = TESTS.parent / "docs" / "conformance.md"
INTRODUCTION = """\
# Conformance

What the local gateway does with every rule of Cloudflare's AI Gateway that we know of. This page is
written by `make conformance` from the rules in `tests/conformance/rules/` and from the tests that
name them; a test fails when it is out of date, when a test names an unknown rule, and when a rule
that we claim to keep has no test. `make conformance LIVE=1` asks a real gateway what it does with
the rules marked ◆ and prints where the two differ.

How a rule is known:

| tag | meaning |
|---|---|
| DOC | the public product documentation says so |
| API | the vendor's public API description, SDK or runtime source says so |
| OBS | somebody measured it and published the result |
| LIVE | the same, measured on the live management API |
| ASSUMPTION | everything is silent: our choice |

"As documented", "as observed" and "as assumed" mean that we do what the rule says. Everything else
says in words what we do.
"""


def page(documents: Sequence[Document], shown: Mapping[str, Sequence[Shown]]) -> str:
    """Return the page as Markdown."""
    parts = [INTRODUCTION, _summary(documents, shown)]
    for document in documents:
        heading = f"## {document.title}"
        parts.append(f"{heading}\n\nFrom `{document.name}`, read {document.date}.\n")
        for section in document.sections:
            rows = [_row(rule, shown.get(rule.id, ())) for rule in section.rules]
            table = ["| rule | | evidence | here | shown by |", "|---|---|---|---|---|", *rows]
            parts.append(f"### {section.title}\n\n" + "\n".join(table) + "\n")
    return "\n".join(parts)


def _summary(documents: Sequence[Document], shown: Mapping[str, Sequence[Shown]]) -> str:
    head = ["", "rules", *STANCES, "asked live ◆"]
    lines = [f"| {' | '.join(head)} |", "|---" + "|---:" * (len(head) - 1) + "|"]
    total = Counter[str]()
    for document in documents:
        counts = Counter(rule.stance for rule in document.rules)
        counts["rules"] = len(document.rules)
        counts["live"] = sum(
            any(test.live for test in shown.get(rule.id, ())) for rule in document.rules
        )
        total += counts
        lines.append(_counted(f"[{document.title}](#{_anchor(document.title)})", counts))
    lines.append(_counted("**all**", total))
    return "\n".join(lines) + "\n"


def _counted(title: str, counts: Mapping[str, int]) -> str:
    numbers = [str(counts.get(name, 0) or NOTHING) for name in ("rules", *STANCES, "live")]
    return f"| {title} | {' | '.join(numbers)} |"


def _row(rule: Rule, shown: Sequence[Shown]) -> str:
    kind, colon, words = rule.ours.partition(":")
    here = f"**{kind}**{colon}{_cell(words)}" if rule.ours else rule.stance
    tests = "<br>".join(_link(test) for test in shown)
    mark = " ◆" if any(test.live for test in shown) else ""
    return (
        f"| `{rule.id}`{mark} | {_cell(rule.rule)} | {', '.join(rule.evidence)} | {here} "
        f"| {tests} |"
    )


def _link(shown: Shown) -> str:
    name = shown.name.removeprefix("test_").replace("_", " ")
    return f"[{name}](../tests/{shown.path})"


def _anchor(title: str) -> str:
    """Return the address of a heading within the page, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def current() -> str:
    """Return the page as it should be now."""
    return page(DOCUMENTS, evidence())

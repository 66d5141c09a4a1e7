"""The rules of the contract as dated data, one file in ``rules/`` for each of its documents."""

import json
from dataclasses import dataclass
from pathlib import Path

TAGS = ("DOC", "API", "OBS", "LIVE", "ASSUMPTION")
"""How a rule is known, as in the contract."""

STANCES = ("as documented", "as observed", "as assumed", "partly", "differs", "not built")
FOLDER = Path(__file__).parent / "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, in words of our own.

    Attributes:
        evidence: One tag or more.
        ours: What we do where it isn't the rule: "Partly: ...", "Differs: ..." or "Not built: ...";
            empty where we keep it.
    """

    id: str
    rule: str
    evidence: tuple[str, ...]
    ours: str = ""

    def __post_init__(self) -> None:
        if not self.evidence or not set(self.evidence) <= set(TAGS):
            raise ValueError(f"{self.id} must have evidence among {', '.join(TAGS)}")
        if self.ours and self.stance not in STANCES[3:]:
            raise ValueError(f"{self.id} must say Partly, Differs or Not built, then why")

    @property
    def stance(self) -> str:
        """One of ``STANCES``."""
        if self.ours:
            return self.ours.partition(":")[0].lower()
        if "ASSUMPTION" in self.evidence:
            return "as assumed"
        return "as documented" if {"DOC", "API"} & set(self.evidence) else "as observed"

    @property
    def kept(self) -> bool:
        """Whether we claim to do what the rule says."""
        return self.stance.startswith("as ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Some rules about one thing."""

    title: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document of the contract.

    Attributes:
        name: File name, without its ending.
        date: Day on which the document was read.
    """

    name: str
    title: str
    date: str
    sections: tuple[Section, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, in order."""
        return tuple(rule for section in self.sections for rule in section.rules)


def _document(path: Path) -> Document:
    data = json.loads(path.read_text("utf-8"))
    sections = tuple(
        Section(
            title=section["title"],
            rules=tuple(
                Rule(**{**row, "evidence": tuple(row["evidence"])}) for row in section["rules"]
            ),
        )
        for section in data["sections"]
    )
    return Document(
        name=data["document"], title=data["title"], date=data["date"], sections=sections
    )


ORDER = (
    "behaviour",
    "headers",
    "endpoints",
    "management-api",
    "logs-and-analytics",
    "websocket",
    "providers",
    "clients",
)
DOCUMENTS: tuple[Document, ...] = tuple(_document(FOLDER / f"{name}.json") for name in ORDER)
RULES: dict[str, Rule] = {rule.id: rule for document in DOCUMENTS for rule in document.rules}

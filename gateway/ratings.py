"""Verdicts on answers, and what they say about models: a Bradley-Terry rating with its interval.

The chance that model i is chosen among those shown is exp(t_i) / sum of exp(t_j): Bradley and Terry
(Biometrika 39, 1952) for two, Luce's choice axiom (1959) for more; see Hunter, "MM algorithms for
generalized Bradley-Terry models" (Annals of Statistics 32, 2004). A tie counts as an equal share
for each, half a win for two, as LMArena does; Davidson's model of ties would need a further
parameter that a few dozen verdicts can't settle. "All bad" compares nobody: it is counted, but not
rated.

Every model also plays one drawn game against an average opponent. Without it, a model that has won
every time would have an infinite rating; after ten verdicts it weighs little.

Ratings are on Elo's scale: 1000 is the mean of the rated models, and 400 more are odds of 10 to 1.
The interval holds 95 % of the posterior's normal approximation: its variance is the inverse of the
Hessian, for the distance from that mean.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, logsumexp, softmax

AVERAGE = 1000.0
PER_STRENGTH = 400 / np.log(10)
"""Points of rating for 1 of strength (the natural logarithm of the odds)."""

NORMAL_95 = 1.959963984540054
"""Standard deviations on each side that hold 95 % of a normal distribution."""

FEWEST = 3
"""Rated verdicts on a model below which it gets no rating: its interval would be all there is."""

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a cell that a spreadsheet would run."""

Outcome = Literal["win", "tie", "bad"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What somebody found of the answers to one question.

    Attributes:
        models: Who answered, in the order of the columns, as "provider/model".
        winner: Place of the best among ``models``; ``None`` for a tie, and where all were bad.
        blind: The names were hidden until the vote.
        exchanges: Ids of the exchanges that were judged.
    """

    models: tuple[str, ...]
    outcome: Outcome
    winner: int | None = None
    blind: bool = False
    exchanges: tuple[str, ...] = ()
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        places = range(len(self.models))
        if (self.outcome == "win") != (self.winner in places) or len(self.models) < 2:
            raise ValueError("A verdict needs two models or more, and a winner that is one of them")

    @property
    def id(self) -> str:
        """Name on the shelf: the same answers can be judged once, and judged anew."""
        return id_of(self.exchanges)

    @property
    def rated(self) -> bool:
        """Whether it says something about models: two different ones, and not all bad."""
        return self.outcome != "bad" and len(set(self.models)) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One model's place in the tally.

    Attributes:
        rating, low, high: Points, with the ends of the 95 % interval; ``None`` where unrated.
        n: Verdicts that the rating is made of.
        bad: Verdicts in which all answers were bad.
        why: Why there is no rating; empty where there is one.
    """

    model: str
    rating: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    wins: int = 0
    ties: int = 0
    losses: int = 0
    bad: int = 0
    why: str = ""


def id_of(exchanges: Iterable[str]) -> str:
    """Return the id that a verdict on these exchanges has, in whatever order they stand."""
    return hashlib.sha256("\n".join(sorted(exchanges)).encode()).hexdigest()[:32]


def standings(verdicts: Iterable[Verdict]) -> list[Standing]:
    """Return the tally: rated models first, the best one on top."""
    every = list(verdicts)
    rated = [verdict for verdict in every if verdict.rated]
    counts = _counts(every)
    group = _largest_group(rated)
    found = fitted([verdict for verdict in rated if group.issuperset(verdict.models)])
    rows = []
    for model, count in counts.items():
        why = _why(count, model in group)
        rating, low, high = (None, None, None) if why else found[model]
        bad = count["bad"]
        rows.append(
            Standing(
                model=model,
                rating=rating,
                low=low,
                high=high,
                n=count["win"] + count["tie"] + count["loss"],
                wins=count["win"],
                ties=count["tie"],
                losses=count["loss"],
                bad=bad,
                why=why,
            )
        )
    return sorted(rows, key=lambda row: (row.rating is None, -(row.rating or 0), row.model))


def fitted(verdicts: Sequence[Verdict]) -> dict[str, tuple[float, float, float]]:
    """Return rating and interval, low and high, of every model in rated verdicts."""
    models = sorted({model for verdict in verdicts for model in verdict.models})
    if not models:
        return {}
    place = {model: number for number, model in enumerate(models)}
    games = Counter(_game(verdict, place) for verdict in verdicts)
    # Convex with a Hessian at hand: a Newton method in a trust region can't miss the one minimum.
    best = minimize(
        _loss,
        [0.0] * len(models),
        args=(games,),
        jac=_slope,
        hess=_curvature,
        method="trust-exact",
        tol=1e-9,
    )
    # Verdicts tell differences only: strengths, and their spread, are counted from their mean.
    centred = np.eye(len(models)) - 1 / len(models)
    strength = centred @ best.x
    spread = np.sqrt(np.diag(centred @ np.linalg.inv(_curvature(best.x, games)) @ centred))
    low, high = strength - NORMAL_95 * spread, strength + NORMAL_95 * spread
    points = AVERAGE + PER_STRENGTH * np.stack([strength, low, high])
    return {
        model: (float(points[0, n]), float(points[1, n]), float(points[2, n]))
        for model, n in place.items()
    }


def to_csv(rows: Iterable[Standing]) -> str:
    """Return a tally for a spreadsheet, one row for each model; an empty cell is unknown."""
    names = [*Standing.__slots__]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        cells = [getattr(row, name) for name in names]
        # A visitor types the names of models: none of them may become a formula.
        model = f"'{row.model}" if row.model.startswith(FORMULAS) else row.model
        rest = [round(cell, 1) if isinstance(cell, float) else cell for cell in cells[1:]]
        writer.writerow([model, *rest])
    return text.getvalue()


Game = tuple[tuple[int, ...], tuple[float, ...]]
"""Who was shown, and the share of the win that each got."""


def _game(verdict: Verdict, place: Mapping[str, int]) -> Game:
    # A model that filled two columns is one contestant.
    shown = tuple(sorted({place[model] for model in verdict.models}))
    if verdict.winner is None:
        return shown, (1 / len(shown),) * len(shown)
    won = place[verdict.models[verdict.winner]]
    return shown, tuple(float(each == won) for each in shown)


def _loss(strengths: Floats, games: Mapping[Game, int]) -> float:
    """The negative log likelihood of all games, the drawn one against the average included."""
    total = float(np.sum(np.logaddexp(0, strengths) - strengths / 2))
    for (shown, shares), times in games.items():
        among = strengths[list(shown)]
        total += times * float(logsumexp(among) - np.dot(shares, among))
    return total


def _slope(strengths: Floats, games: Mapping[Game, int]) -> Floats:
    slope: Floats = expit(strengths) - 0.5
    for (shown, shares), times in games.items():
        slope[list(shown)] += times * (softmax(strengths[list(shown)]) - np.array(shares))
    return slope


def _curvature(strengths: Floats, games: Mapping[Game, int]) -> Floats:
    """The Hessian; it doesn't depend on who won."""
    draw = expit(strengths)
    hessian: Floats = np.diag(draw * (1 - draw))
    for (shown, _), times in games.items():
        chance = softmax(strengths[list(shown)])
        hessian[np.ix_(shown, shown)] += times * (np.diag(chance) - np.outer(chance, chance))
    return hessian


def _counts(verdicts: Iterable[Verdict]) -> dict[str, Counter[str]]:
    """Count by model how verdicts ended; those that compare it with itself only are "same"."""
    counts: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        best = None if verdict.winner is None else verdict.models[verdict.winner]
        for model in dict.fromkeys(verdict.models):
            count = counts.setdefault(model, Counter())
            if verdict.outcome == "bad":
                count["bad"] += 1
            elif not verdict.rated:
                count["same"] += 1
            elif best is None:
                count["tie"] += 1
            else:
                count["win" if best == model else "loss"] += 1
    return counts


def _why(count: Mapping[str, int], connected: bool) -> str:
    n = count["win"] + count["tie"] + count["loss"]
    if n == 0:
        return "No verdict compares it with another model yet."
    if n < FEWEST:
        return f"Only {n} of the {FEWEST} verdicts that a rating needs."
    if not connected:
        return "No chain of verdicts links it with the other models yet."
    return ""


def _largest_group(verdicts: Iterable[Verdict]) -> frozenset[str]:
    """Return the most models that a chain of verdicts links: only these can be compared."""
    together = {frozenset(verdict.models) for verdict in verdicts}
    models = sorted({model for group in together for model in group})
    if not models:
        return frozenset()
    links = np.zeros((len(models), len(models)), dtype=bool)
    for group in together:
        inside = [models.index(model) for model in group]
        links[np.ix_(inside, inside)] = True
    _, labels = connected_components(links, directed=False)
    largest = np.bincount(labels).argmax()
    return frozenset(model for model, label in zip(models, labels, strict=True) if label == largest)

"""ratings: verdicts become ratings with honest intervals, and what can't be rated says why."""

import csv
import io
import math

import numpy as np
import pytest

from gateway.plain import plain, revived
from gateway.ratings import AVERAGE, Standing, Verdict, fitted, standings, to_csv

A, B, C, D = "openai/a", "anthropic/b", "google/c", "groq/d"


def won(winner, *others, times=1):
    return [Verdict(models=(winner, *others), outcome="win", winner=0)] * times


def tied(*models, times=1):
    return [Verdict(models=models, outcome="tie")] * times


def bad(*models, times=1):
    return [Verdict(models=models, outcome="bad")] * times


def row(verdicts, model):
    return next(each for each in standings(verdicts) if each.model == model)


def test_odds_become_points():
    """75 of 100 are odds of 3 to 1: 400 log10(3) = 191 points, less the one drawn game."""
    verdicts = won(A, B, times=75) + won(B, A, times=25)

    rated = fitted(verdicts)

    assert rated[A][0] - rated[B][0] == pytest.approx(400 * math.log10(3), rel=0.03)
    assert rated[A][0] + rated[B][0] == pytest.approx(2 * AVERAGE)


def test_exact_maximum_of_one_pair():
    """By hand: with w wins of n, the strength t solves w - n s(2t) + 1/2 - s(t) = 0."""
    t = math.log(10) * (fitted(won(A, B, times=7) + won(B, A, times=3))[A][0] - AVERAGE) / 400
    s = 1 / (1 + math.exp(-2 * t))

    assert 7 - 10 * s + 0.5 - 1 / (1 + math.exp(-t)) == pytest.approx(0, abs=1e-6)


def test_tie_is_half_a_win():
    """Four ties say what two wins each would say."""
    mixed = fitted(won(A, B, times=6) + tied(A, B, times=4))
    halves = fitted(won(A, B, times=8) + won(B, A, times=2))

    assert mixed[A] == pytest.approx(halves[A])


def test_order_of_columns_and_verdicts_doesn_t_matter():
    """Who stood left, and who was judged first, is no part of the rating."""
    verdicts = won(A, B, times=5) + won(B, C, times=4) + tied(A, C, times=2)
    turned = [
        Verdict(
            models=each.models[::-1],
            outcome=each.outcome,
            winner=None if each.winner is None else len(each.models) - 1 - each.winner,
        )
        for each in reversed(verdicts)
    ]

    assert fitted(turned)[B] == pytest.approx(fitted(verdicts)[B])


def test_choice_among_four_counts_once():
    """The best of four beats three others, but it is one verdict: the interval stays wide."""
    four = fitted(won(A, B, C, D, times=10))
    pairs = fitted(won(A, B, times=10) + won(A, C, times=10) + won(A, D, times=10))

    assert four[A][0] > four[B][0] == pytest.approx(four[C][0])
    assert four[A][2] - four[A][1] > pairs[A][2] - pairs[A][1]


def test_model_that_always_wins_has_a_finite_rating():
    """Without the drawn game it would be infinite."""
    rating, low, high = fitted(won(A, B, times=20))[A]

    assert AVERAGE < low < rating < high < 3000


@pytest.mark.parametrize("seed", range(3))
def test_interval_holds_the_truth(seed):
    """Of 60 ratings made of 120 drawn verdicts each, about 95 % have the truth in their interval;
    below 85 % is a chance of less than 1 in 1000.
    """
    chance = np.random.default_rng(seed)
    truth = {A: 0.4, B: 0.0, C: -0.4}
    inside = 0
    for _ in range(20):
        verdicts = []
        for one, other in [(A, B), (B, C), (A, C)] * 40:
            wins = chance.random() < 1 / (1 + math.exp(truth[other] - truth[one]))
            verdicts += won(one, other) if wins else won(other, one)
        for model, (_, low, high) in fitted(verdicts).items():
            inside += low <= AVERAGE + 400 / math.log(10) * truth[model] <= high

    assert inside / 60 > 0.85


def test_more_verdicts_narrow_the_interval():
    """Four times as many halve it."""
    few = fitted(won(A, B, times=30) + won(B, A, times=20))
    many = fitted(won(A, B, times=120) + won(B, A, times=80))

    assert (few[A][2] - few[A][1]) / (many[A][2] - many[A][1]) == pytest.approx(2, rel=0.05)


def test_tally_counts_every_kind():
    """Both bad is counted for each, and rates nobody."""
    verdicts = won(A, B, times=3) + won(B, A) + tied(A, B, times=2) + bad(A, B, times=4)

    best, second = standings(verdicts)

    assert (best.model, best.n, best.wins, best.ties, best.losses, best.bad) == (A, 6, 3, 2, 1, 4)
    assert (second.wins, second.losses) == (1, 3)
    assert best.rating == fitted(verdicts[:6])[A][0]


@pytest.mark.parametrize(
    ("verdicts", "why"),
    [
        (won(A, B, times=2), "Only 2 of the 3 verdicts"),
        (bad(A, B, times=9), "No verdict compares it"),
        (won(A, A, times=9), "No verdict compares it"),
        (won(A, B, times=3) + won(C, D, times=3) + won(C, "x/y", times=3), "No chain of verdicts"),
    ],
)
def test_unrated_model_says_why(verdicts, why):
    """An unknown rating is no 1000."""
    found = row(verdicts, A)

    assert (found.rating, found.low, found.high) == (None, None, None)
    assert found.why.startswith(why)


def test_no_verdicts_no_tally():
    """A fresh installation."""
    assert standings([]) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"models": (A,), "outcome": "tie"},
        {"models": (A, B), "outcome": "win"},
        {"models": (A, B), "outcome": "win", "winner": 2},
        {"models": (A, B), "outcome": "tie", "winner": 0},
    ],
)
def test_impossible_verdict_is_refused(wrong):
    """Nothing on the shelf has to be checked again."""
    with pytest.raises(ValueError, match="needs two models or more"):
        Verdict(**wrong)


def test_verdict_comes_back_from_json():
    """They are kept as documents."""
    verdict = Verdict(models=(A, B), outcome="win", winner=1, blind=True, exchanges=("1", "2"))

    assert revived(Verdict, plain(verdict)) == verdict


def test_same_answers_have_one_verdict():
    """Whatever the order of the columns, which a blind vote shuffles."""
    one = Verdict(models=(A, B), outcome="tie", exchanges=("1", "2"))
    turned = Verdict(models=(B, A), outcome="bad", exchanges=("2", "1"))
    other = Verdict(models=(A, B), outcome="tie", exchanges=("1", "3"))

    assert one.id == turned.id != other.id


def test_spreadsheet_has_no_formulas():
    """A model's name is typed by hand."""
    rows = [
        Standing(model="=1+1/x", n=1, why="Only 1."),
        Standing(model=A, rating=1000.04, low=900.0, high=1100.0, n=9, wins=5),
    ]

    first, second = csv.DictReader(io.StringIO(to_csv(rows)))
    assert (first["model"], first["rating"], first["why"]) == ("'=1+1/x", "", "Only 1.")
    assert (second["rating"], second["high"], second["wins"]) == ("1000.0", "1100.0", "5")

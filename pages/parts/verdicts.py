"""Verdicts: which answer is best, names hidden until then; thumbs; and the tally by model."""

import random
import secrets
from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from gateway.chat import Exchange, Failure
from gateway.conversation import Column, Turn
from gateway.errors import GatewayError
from gateway.plain import plain, revived
from gateway.ratings import FEWEST, Outcome, Standing, Verdict, id_of, standings, to_csv
from gateway.workbench import Workbench
from pages.parts.figures import UNKNOWN
from pages.parts.state import workbench as shared
from pages.parts.views import model_name, provider_name

KIND = "verdict"
"""Kind of the documents on the shelf."""

BLIND = "chat.blind"
"""Name of the switch that hides names until the vote."""

KNOWN = "chat.verdicts"
"""Name of the verdicts that this visitor's page knows, by id."""

SALT = "chat.verdicts.salt"
"""Name of what makes the order of hidden columns another for each visitor."""

FAILED = "chat.verdicts.failed"
"""Name of the sentence about a verdict that couldn't be kept."""

THUMBS = {None: 0, 0: -1, 1: 1}
"""What the widget says -> the gateway's feedback."""

LETTERS = "ABCD"


def menu(workbench: Workbench) -> None:
    """Draw the switch for hidden names, and the tally by model."""
    place = st.popover(
        "Verdicts",
        icon=":material/how_to_vote:",
        type="tertiary",
        key="chat.verdicts.open",
        on_change="rerun",
        width="content",
    )
    # Drawn in an open menu only, and meant for as long as the visitor is here.
    st.session_state[BLIND] = st.session_state.get(BLIND, False)
    if not place.open:
        return
    with place:
        st.toggle(
            "Hide names until the vote",
            key=BLIND,
            help="Answers stand in random order, as A and B, without names and figures. Your "
            "vote reveals them.",
        )
        try:
            found = _kept(workbench)
        except GatewayError as error:
            st.error(str(error), icon=":material/error:")
        else:
            st.session_state[KNOWN] = {verdict.id: verdict for verdict in found}
            _tally(standings(found), len(found))


def _kept(workbench: Workbench) -> list[Verdict]:
    return [revived(Verdict, document) for document in workbench.shelf.everything(KIND)]


def _tally(rows: Sequence[Standing], count: int) -> None:
    if not rows:
        st.caption(
            f"No verdicts yet: say under a question which answer is best. After {FEWEST} verdicts "
            "a model has a rating."
        )
        return
    noun = "verdict" if count == 1 else "verdicts"
    st.markdown(
        f"**Tally** :gray-badge[{count} {noun}]",
        help="Bradley-Terry ratings with their 95 % interval: 1000 is the mean of the rated "
        "models, 400 points more are odds of 10 to 1. A tie counts half for each; verdicts "
        "that all were bad are counted, not rated.",
    )
    st.table(
        [_line(row) for row in rows],
        border="horizontal",
        hide_index=True,
        alt="Ratings of models by your verdicts",
    )
    for row in rows:
        if row.why:
            st.caption(f"{_name(row.model)}: {row.why}")
    st.download_button(
        "Tally as CSV",
        partial(to_csv, rows),
        file_name="verdicts.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        key="chat.verdicts.csv",
        on_click="ignore",
    )


def _line(row: Standing) -> dict[str, str]:
    rating = interval = UNKNOWN
    if row.rating is not None and row.low is not None and row.high is not None:
        rating, interval = f"**{row.rating:.0f}**", f"{row.low:.0f} to {row.high:.0f}"
    return {
        "Model": _name(row.model),
        "Rating": rating,
        "95 %": interval,
        "n": str(row.n),
        "Won/tied/lost": f"{row.wins}/{row.ties}/{row.losses}",
        "All bad": str(row.bad),
    }


def _name(model: str) -> str:
    provider, _, id = model.partition("/")
    return f"{provider_name(provider)} {model_name(provider, id)}"


# Votes


def aliases(turn: Turn, columns: Sequence[Column]) -> Mapping[int, str]:
    """Return what columns are called while their names are hidden; empty where they aren't."""
    hidden = bool(st.session_state.get(BLIND)) and len(columns) > 1
    if not hidden or verdict_of(turn) is not None or _spoilt(turn, columns):
        return {}
    return {column.id: f"Answer {LETTERS[n]}" for n, column in enumerate(arranged(turn, columns))}


def arranged(turn: Turn, columns: Sequence[Column]) -> Sequence[Column]:
    """Return the columns of a turn in the order in which they are drawn.

    Where names are hidden, or were until the vote, it is a random one that doesn't change.
    """
    verdict = verdict_of(turn)
    blind = st.session_state.get(BLIND) if verdict is None else verdict.blind
    if not blind:
        return columns
    salt = st.session_state.setdefault(SALT, secrets.token_hex(8))
    shuffled = list(columns)
    random.Random(f"{salt} {turn.id} {turn.prompt}").shuffle(shuffled)
    return shuffled


def verdict_of(turn: Turn) -> Verdict | None:
    """Return what this visitor found of a turn; ``None`` before the vote."""
    known: Mapping[str, Verdict] = st.session_state.get(KNOWN, {})
    ids = [answer.exchange.id for answer in turn.answers.values() if answer.exchange is not None]
    return known.get(id_of(ids)) if ids else None


def vote(turn: Turn, columns: Sequence[Column]) -> None:
    """Draw the question which answer is best, or what was said to it.

    Args:
        columns: Those that are drawn. Nothing is asked before all of them have answered.
    """
    answers = [turn.answers.get(column.id) for column in columns]
    if len(columns) < 2 or not all(answer and answer.exchange for answer in answers):
        return
    if _spoilt(turn, columns):
        return
    verdict, key = verdict_of(turn), f"chat.turn.{turn.id}.verdict"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        if verdict is not None:
            st.caption(_said(verdict), width="content")
            _button("Change", ":material/undo:", key, partial(_withdraw, verdict))
            return
        hidden = aliases(turn, columns)
        st.caption("Which answer is best?", width="content")
        for column in arranged(turn, columns):
            name = hidden.get(column.id) or column.name or provider_name(column.provider)
            give = partial(_give, turn, columns, "win", column.id)
            _button(name, ":material/thumb_up:", f"{key}.{column.id}", give)
        _button("Tie", ":material/equal:", f"{key}.tie", partial(_give, turn, columns, "tie", None))
        bad = partial(_give, turn, columns, "bad", None)
        _button("All bad", ":material/thumb_down:", f"{key}.bad", bad)
    if (sentence := st.session_state.get(FAILED)) is not None:
        st.error(sentence, icon=":material/error:")


def _spoilt(turn: Turn, columns: Sequence[Column]) -> bool:
    """Whether one of the columns will have no whole answer: then there is nothing to judge."""
    answers = [turn.answers.get(column.id) for column in columns]
    ended = [answer.exchange for answer in answers if answer is not None and answer.exchange]
    return None in answers or any(not (each.reply and each.reply.ok) for each in ended)


def _button(label: str, icon: str, key: str, on_click: "partial[None]") -> None:
    st.button(
        label, icon=icon, type="tertiary", key=f"{key}.{label}", on_click=on_click, wrap=False
    )


def _said(verdict: Verdict) -> str:
    blind = ", names hidden" if verdict.blind else ""
    if verdict.winner is None:
        words = "a tie" if verdict.outcome == "tie" else "that all are bad"
        return f":material/how_to_vote: You found {words}{blind}."
    return (
        f":material/how_to_vote: You found **{_name(verdict.models[verdict.winner])}** best{blind}."
    )


def _give(turn: Turn, columns: Sequence[Column], outcome: Outcome, winner: int | None) -> None:
    exchanges = {
        column.id: answer.exchange
        for column in columns
        if (answer := turn.answers[column.id]).exchange is not None
    }
    verdict = Verdict(
        models=tuple(f"{each.chat.provider}/{each.chat.model}" for each in exchanges.values()),
        outcome=outcome,
        winner=None if winner is None else list(exchanges).index(winner),
        blind=bool(st.session_state.get(BLIND)),
        exchanges=tuple(
            answer.exchange.id for answer in turn.answers.values() if answer.exchange is not None
        ),
    )
    try:
        shared().shelf.keep(KIND, verdict.id, plain(verdict))
    except GatewayError as error:
        st.session_state[FAILED] = str(error)
    else:
        st.session_state[FAILED] = None
        st.session_state.setdefault(KNOWN, {})[verdict.id] = verdict


def _withdraw(verdict: Verdict) -> None:
    try:
        shared().shelf.forget(KIND, verdict.id)
    except GatewayError as error:
        st.session_state[FAILED] = str(error)
    else:
        st.session_state[FAILED] = None
        st.session_state[KNOWN].pop(verdict.id)


# Thumbs


def thumbs(exchange: Exchange, key: str) -> None:
    """Draw two thumbs that become the feedback of the gateway's log row.

    Nothing is drawn for an answer of which no gateway has a row, or none that we may change.
    """
    target = shared().targets.get(exchange.target)
    if target is None or target.rest_url is None or target.token is None:
        return
    if exchange.reply is None or exchange.reply.log_id is None:
        return
    thumb = f"{key}.{exchange.id}.thumb"
    st.feedback("thumbs", key=thumb, on_change=partial(_rate, exchange, thumb))
    if (failed := st.session_state.get(f"{thumb}.failed")) is not None:
        st.caption(f":red[{failed}]")


def _rate(exchange: Exchange, key: str) -> None:
    failed = shared().rate(exchange, THUMBS[st.session_state[key]])
    st.session_state[f"{key}.failed"] = failed.sentence if isinstance(failed, Failure) else None

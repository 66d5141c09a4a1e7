"""A conversation with one to four columns: what a visitor has set, asked and been told.

terms          how a question is asked: the settings, by name
columns        who answers in a column, and in which settings it differs from the others
conversation   columns and turns; turns are a tree, of which one path is shown
pairs          sets of columns that differ in one thing only
documents      a conversation as plain JSON, and back; no secrets inside
"""

from gateway.conversation.columns import MOST_COLUMNS, Column
from gateway.conversation.conversation import Conversation, Turn
from gateway.conversation.documents import document_of, opened
from gateway.conversation.pairs import PAIRS, Pair
from gateway.conversation.terms import SETTINGS, Terms

__all__ = [
    "MOST_COLUMNS",
    "PAIRS",
    "SETTINGS",
    "Column",
    "Conversation",
    "Pair",
    "Terms",
    "Turn",
    "document_of",
    "opened",
]

"""words: a command is split as its own shell would, and every word knows its place."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.paste.words import powershell_text, shell_of, split

POSIX = [
    ("a b", ["a", "b"]),
    ("'a b'c", ["a bc"]),
    (r'"a \"b\" \$c \n"', [r'a "b" $c \n']),
    (r"$'it\'s\t\x41\u00e9\101'", ["it's\tAéA"]),
    ("a\\ b \\\n c", ["a b", "c"]),
    ("a 'b\nc'", ["a", "b\nc"]),
    ("a # comment\nb", ["a", "b"]),
    ("a#b", ["a#b"]),
    ("'' x", ["", "x"]),
]
CMD = [
    ('curl "a b" ^\n  -H "c"', ["curl", "a b", "-H", "c"]),
    (r'-d "{\"a\":\"b\"}"', ["-d", '{"a":"b"}']),
    (r'^"a ^\^"b^\^" ^%^"', ['a "b" %']),
    (r'"C:\dir\\" x', ["C:\\dir\\", "x"]),
    ('"a""b"', ['a"b']),
    ("a ^\r\n b", ["a", "b"]),
]
POWERSHELL = [
    ("'it''s' `\n -H", ["it's", "-H"]),
    ('"a `"b`" `$c"', ['a "b" $c']),
    ("@'\n{\"a\": 'b'}\n'@ x", ["{\"a\": 'b'}", "x"]),
]
SHELLS = [
    ("curl x \\\n -H y", "posix"),
    ("curl x ^\n -H y", "cmd"),
    ('curl ^"x^"', "cmd"),
    ("curl.exe x", "powershell"),
    ("curl x `\n -H y", "powershell"),
    ("curl x -d 'a ``` b ^\" c'", "posix"),
]


def texts(words):
    """What the words say."""
    return [word.text for word in words]


@pytest.mark.parametrize(("text", "words"), POSIX)
def test_posix(text, words):
    """Quotes, escapes, ANSI quotes, broken lines, comments."""
    assert texts(split(text, "posix")) == words


@pytest.mark.parametrize(("text", "words"), CMD)
def test_cmd(text, words):
    """Carets first, then quotes as Windows programs read them."""
    assert texts(split(text, "cmd")) == words


@pytest.mark.parametrize(("text", "words"), POWERSHELL)
def test_powershell(text, words):
    """Doubled quotes, backticks, here-strings."""
    assert texts(split(text, "powershell")) == words


@pytest.mark.parametrize(("text", "shell"), SHELLS)
def test_shell_is_guessed_by_its_broken_lines(text, shell):
    """Nobody says for which shell they copied."""
    assert shell_of(text) == shell


def test_words_know_their_places():
    """A message points at the character."""
    text = 'curl \\\n  -H "a: b"'

    assert [text[word.at :][:2] for word in split(text, "posix")] == ["cu", "-H", '"a']


def test_places_survive_carets():
    """What cmd takes away doesn't move what is pointed at."""
    text = 'curl ^\n  -H ^"a^"'

    assert [word.at for word in split(text, "cmd")] == [0, 9, 13]


@pytest.mark.parametrize("text", ["'open", '"open', "$'open", 'a "b'])
def test_open_quote_is_marked(text):
    """The rest of the command is inside it, which has to be said."""
    assert split(text, "posix")[-1].kind == "open"


def test_ends_and_here_documents_are_no_words():
    """What follows a pipe isn't the command's; what is read from standard input is."""
    words = split("a -d @- <<'EOF' | jq\nthe body\nEOF\n; b", "posix")

    assert [(word.text, word.kind) for word in words] == [
        ("a", "word"),
        ("-d", "word"),
        ("@-", "word"),
        ("the body", "here"),
        (";", "end"),
        ("b", "word"),
    ]


@given(st.lists(st.text(alphabet="ab '\"\\\n$|;&<>#é", max_size=6), max_size=5))
def test_posix_reads_what_the_shell_quotes(words):
    """Whatever is quoted for a shell comes back."""
    assert texts(split(shlex.join(words), "posix")) == words


@given(
    st.text(alphabet="a '\"\\\n$`^|;&<>#@{}()", max_size=30),
    st.sampled_from(["posix", "cmd", "powershell"]),
)
def test_any_text_is_split(text, shell):
    """Rubbish gives words, never an error; places stay inside the text."""
    assert all(0 <= word.at < len(text) for word in split(text, shell))


@pytest.mark.parametrize(
    ("text", "found"),
    [("'a''b' x", ("a'b", 6)), ('"a`nb"', ("a\nb", 6)), ("x", None), ("'open", None)],
)
def test_powershell_text_literal(text, found):
    """The value and the index after it."""
    assert powershell_text(text, 0) == found

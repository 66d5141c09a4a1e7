"""Programs that simulated models know by heart. All of them run."""

import re

SNIPPETS: tuple[tuple[str, str, str], ...] = (
    (
        r"fibonacci",
        '''def fibonacci(count):
    """Return the first numbers of the Fibonacci sequence."""
    numbers = []
    a, b = 0, 1
    for _ in range(count):
        numbers.append(a)
        a, b = b, a + b
    return numbers
''',
        "Each number is the sum of the two before it. The pair `a, b` moves on by one step in each "
        "turn of the loop, so nothing is computed twice.",
    ),
    (
        r"factorial",
        '''def factorial(n):
    """Return 1 * 2 * ... * n; 1 for 0."""
    if n < 0:
        raise ValueError("n must be 0 or more")
    product = 1
    for factor in range(2, n + 1):
        product *= factor
    return product
''',
        "A loop is enough here, and unlike recursion it has no depth limit. Python's integers grow "
        "as needed, so the result is exact.",
    ),
    (
        r"palindrome",
        '''def is_palindrome(text):
    """Whether a text reads the same backwards; case, spaces and marks don't count."""
    letters = [letter.lower() for letter in text if letter.isalnum()]
    return letters == letters[::-1]
''',
        "The text is reduced to its letters first. `letters[::-1]` is the list in reverse order.",
    ),
    (
        r"fizz ?buzz",
        '''def fizzbuzz(count):
    """Return the words of the game up to a number."""
    return [
        "Fizz" * (n % 3 == 0) + "Buzz" * (n % 5 == 0) or str(n) for n in range(1, count + 1)
    ]
''',
        "A text times `True` is the text, times `False` it is empty; `or` puts the number where "
        "both are empty.",
    ),
    (
        r"\bprimes?\b",
        '''def is_prime(n):
    """Whether n has no divisor but 1 and itself."""
    if n < 2:
        return False
    return all(n % divisor for divisor in range(2, int(n**0.5) + 1))
''',
        "It is enough to try divisors up to the square root: a larger one would have a smaller "
        "partner that was tried already.",
    ),
    (
        r"revers",
        '''def reverse(text):
    """Return a text backwards."""
    return text[::-1]
''',
        "A slice with step -1 walks from the end to the beginning.",
    ),
    (
        r"\bsort",
        '''def sort_by_length(words):
    """Return words from the shortest to the longest, equal ones by the alphabet."""
    return sorted(words, key=lambda word: (len(word), word))
''',
        "`sorted` returns a new list. The key is a pair, so the second part decides where the "
        "first is equal.",
    ),
    (
        r"average|\bmean\b",
        '''def average(numbers):
    """Return the mean of some numbers."""
    numbers = list(numbers)
    if not numbers:
        raise ValueError("there is no mean of no numbers")
    return sum(numbers) / len(numbers)
''',
        "An empty list is refused with a sentence, which is kinder than a division by zero.",
    ),
    (
        r"word (?:count|frequenc)|count (?:the )?words",
        '''from collections import Counter


def word_counts(text):
    """Return how often each word occurs, the most frequent first."""
    return Counter(text.lower().split()).most_common()
''',
        "`Counter` does the counting; `most_common` does the sorting.",
    ),
    (
        r"\b(?:add|sum)\b",
        '''def add(a, b):
    """Return the sum of two numbers."""
    return a + b
''',
        "It works for everything that knows `+`: numbers, texts and lists.",
    ),
    (
        r"hello,? world",
        """print("Hello, world!")
""",
        "One line: the shortest complete program there is.",
    ),
)
"""Pattern of the request, program, explanation."""


def snippet_for(prompt: str) -> tuple[str, str] | None:
    """Return program and explanation for a request; ``None`` where none is known."""
    text = prompt.lower()
    return next((row[1:] for row in SNIPPETS if re.search(row[0], text)), None)


def skeleton(words: list[str], subject: str) -> str:
    """Return the outline of a function that does what the words say."""
    name = "_".join(re.sub(r"\W", "", word) for word in words[:3] if word.isascii())
    name = name if name.isidentifier() else "answer"
    title = " ".join(re.findall(r"[\w',-]+", subject)).capitalize() or "Do what was asked"
    return f'def {name}(value):\n    """{title}."""\n    raise NotImplementedError\n'

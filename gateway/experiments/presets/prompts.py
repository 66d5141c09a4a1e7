"""Prompts of the presets: short, distinct, and in several wordings of the same intent."""

SUBJECTS = (
    "the tides",
    "a sourdough starter",
    "binary search",
    "the water cycle",
    "a bicycle's gears",
    "HTTP caching",
    "the French horn",
    "photosynthesis",
    "a lighthouse",
    "compound interest",
)
WORDINGS = (
    "Explain {subject} in two sentences.",
    "What should a newcomer know about {subject}?",
    "Summarise {subject} briefly.",
    "Tell me about {subject}.",
    "In short: {subject}?",
    "Describe {subject} to a child.",
    "Give me the essentials of {subject}.",
    "How would you define {subject}?",
)


def prompt(number: int, seed: int = 0) -> str:
    """Return a prompt that no other number has; another seed has prompts of its own."""
    return intent(number, number // len(SUBJECTS), seed)


def intent(number: int, wording: int, seed: int = 0) -> str:
    """Return an intent in one of its wordings; what follows the words makes it distinct."""
    subject = SUBJECTS[number % len(SUBJECTS)]
    words = WORDINGS[wording % len(WORDINGS)].format(subject=subject)
    return f"{words} (case {seed}-{number})"

"""Prompts differ where they should, and only there."""

from gateway.experiments.presets.prompts import intent, prompt


def test_prompts_are_distinct():
    """A thousand numbers, a thousand prompts; another seed shares none."""
    ours = {prompt(number) for number in range(1000)}

    assert len(ours) == 1000
    assert not ours & {prompt(number, 1) for number in range(1000)}


def test_wordings_ask_the_same():
    """One intent in several words: the same subject and number."""
    wordings = {intent(3, wording) for wording in range(4)}

    assert len(wordings) == 4
    assert all("the water cycle" in words for words in wordings)

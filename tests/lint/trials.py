"""What every area's rules must do: the tests themselves, for a table of cases."""

import pytest

from tests.lint.drafts import findings


def trials(cases, rules):
    """Return the tests of an area.

    Args:
        cases: Rule, a draft that fails it, and one beside it that passes.
        rules: All rules of the area.
    """
    fixes = [
        (rule, failing, finding.place, fix)
        for rule, failing, _ in cases
        for finding in findings(rule, failing)
        for fix in finding.fixes
    ]

    @pytest.mark.parametrize(("rule", "failing", "passing"), cases, ids=label_of)
    def speaks(rule, failing, passing):
        """One sentence with its reason, a place, sources; silence for the draft beside it."""
        finding = findings(rule, failing)[0]

        assert not findings(rule, passing)
        assert len(finding.sentence) > 30
        assert finding.sentence.endswith((".", ")"))
        assert finding.place
        assert all(link.url for link in finding.sources)

    @pytest.mark.parametrize(("rule", "failing", "place", "fix"), fixes, ids=label_of)
    def mends(rule, failing, place, fix):
        """One click, and that finding is gone; the draft given stays as it was."""
        before = repr(failing), failing.raw

        mended = fix.apply(failing)

        assert place not in [finding.place for finding in findings(rule, mended)]
        assert (repr(failing), failing.raw) == before

    def complete():
        """A rule without a failing and a passing draft would be a rule on trust."""
        assert {rule for rule, _, _ in cases} == {rule.id for rule in rules}

    return speaks, mends, complete


def label_of(part):
    """How a part of a case is called in the list of tests."""
    return getattr(part, "label", None) or (part if isinstance(part, str) else "draft")

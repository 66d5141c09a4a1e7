"""``python -m gateway``: says in the terminal what of .env can't be used; ends with 0 always."""

import sys

from gateway.settings import Settings


def report(settings: Settings) -> str:
    """Return one line per problem, or one line when all is fine."""
    if settings.problems:
        lines = [f"Settings: {problem}.\n" for problem in settings.problems]
        return "".join(lines) + "The app starts all the same: see its page Connection.\n"
    if not settings.values:
        return "No settings: the local gateway plays every provider.\n"
    return f"Settings: {len(settings.values)} read, all can be used.\n"


if __name__ == "__main__":
    sys.stdout.write(report(Settings.read()))

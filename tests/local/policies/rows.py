"""Policies for tests of how they are read, evaluated and kept."""

EVERYBODY = {
    "name": "Everybody",
    "actor": "company:all",
    "resource": "*",
    "condition": "true",
    "action": {"type": "no-limit"},
}
BLOCK = {"type": "block"}
EXCEPT = {"type": "block", "except": True}


def policy(name="p", **members):
    """Return a policy that lets everything pass, but for some members."""
    return {**EVERYBODY, "name": name, **members}


def cap(amount, period="monthly"):
    """Return the action of a budget in US dollars."""
    return {
        "type": "limit",
        "amount": amount,
        "period": period,
        "technique": "named-interval",
    }

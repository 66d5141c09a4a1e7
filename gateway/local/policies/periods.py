"""The periods of spend caps: calendar hours, days, weeks and months, in UTC."""

from datetime import UTC, datetime, timedelta

PERIODS = ("hourly", "daily", "weekly", "monthly")


def period_at(period: str, now: float) -> tuple[float, float]:
    """Return when the current period began and when it ends: seconds since the epoch."""
    moment = datetime.fromtimestamp(now, UTC)
    hour = moment.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    match period:
        case "hourly":
            start, end = hour, hour + timedelta(hours=1)
        case "daily":
            start, end = day, day + timedelta(days=1)
        case "weekly":
            start = day - timedelta(days=day.weekday())
            end = start + timedelta(days=7)
        case _:
            start = day.replace(day=1)
            end = (start + timedelta(days=31)).replace(day=1)
    return start.timestamp(), end.timestamp()

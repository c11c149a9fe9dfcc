"""How the pages speak to a user: language, time zone, calendar, day or night. Empty means the browser's or the node's own."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from spean.core.errors import InvalidInput

LANGUAGES = ("", "en", "fr")
CALENDARS = ("", "gregorian", "buddhist")
THEMES = ("", "day", "night")


def check(language: str, time_zone: str, calendar: str, theme: str) -> None:
    """Refuse what the pages do not know."""
    for name, value, known in (
        ("language", language, LANGUAGES),
        ("calendar", calendar, CALENDARS),
        ("theme", theme, THEMES),
    ):
        if value not in known:
            raise InvalidInput(name, f"{value[:40]!r} is not known", remedy=f"use of {', '.join(filter(None, known))}")
    try:
        if time_zone:
            ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            "time_zone", f"{time_zone[:40]!r} is no time zone", remedy="give a name such as Asia/Phnom_Penh"
        ) from None

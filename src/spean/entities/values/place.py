"""Places: a point and an area in degrees (WGS 84, RFC 7946 without its order: latitude first, as people say it)."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from spean.entities.values.base import ValueType, latin_digits
from spean.entities.values.words import tidy

_PAIR = re.compile(
    r"\s*([-+]?\d{1,3}(?:\.\d+)?)\s*°?\s*([NS]?)\s*[,; ]\s*([-+]?\d{1,3}(?:\.\d+)?)\s*°?\s*([EWO]?)\s*", re.IGNORECASE
)
_DEGREES = re.compile(
    r"\s*(\d{1,3})\s*°\s*(\d{1,2}(?:\.\d+)?)\s*['′]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:\"|″|'')\s*)?([NS])"
    r"[,; ]*(\d{1,3})\s*°\s*(\d{1,2}(?:\.\d+)?)\s*['′]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:\"|″|'')\s*)?([EWO])\s*", re.IGNORECASE)  # fmt: skip
_STEP = Decimal("0.000001")
MOST_CORNERS = 500


class Point(ValueType):
    """``11.556400,104.928200``: latitude and longitude with six decimals, a tenth of a metre."""

    name = "point"
    exact = False

    def clean(self, text: str) -> str:
        given = latin_digits(tidy(self.bounded(text)))
        if found := _DEGREES.fullmatch(given):
            return self._made(_sum(*found.group(1, 2, 3)), found[4], _sum(*found.group(5, 6, 7)), found[8])
        if found := _PAIR.fullmatch(given):
            return self._made(Decimal(found[1]), found[2], Decimal(found[3]), found[4])
        raise self.refused("it is no point", "give latitude and longitude, e.g. 11.5564, 104.9282")

    def _made(self, north: Decimal, half: str, east: Decimal, side: str) -> str:
        try:
            north = (-north if half.upper() == "S" else north).quantize(_STEP)
            east = (-east if side.upper() == "W" else east).quantize(_STEP)
        except InvalidOperation:
            raise self.refused("too many digits", "six decimals are a tenth of a metre") from None
        if abs(north) > 90 or abs(east) > 180:
            raise self.refused("latitude ends at 90°, longitude at 180°", "latitude comes first")
        return f"{north + 0:.6f},{east + 0:.6f}"

    def mask(self, text: str) -> str:
        """About ten kilometres."""
        north, _, east = self.clean(text).partition(",")
        return f"{Decimal(north):.1f}…,{Decimal(east):.1f}…"


class Area(ValueType):
    """The corners of an area, points with spaces between; its last corner joins its first."""

    name = "area"
    exact = False
    most = 24 * MOST_CORNERS

    def clean(self, text: str) -> str:
        corners = [POINT.clean(part) for part in self.bounded(text).replace(", ", ",").split()]
        if len(corners) > 1 and corners[0] == corners[-1]:
            corners.pop()
        if not 3 <= len(corners) <= MOST_CORNERS:
            raise self.refused(
                f"an area has 3 to {MOST_CORNERS} corners", "give them as 11.5,104.9 11.6,104.9 11.6,105.0"
            )
        return " ".join(corners)

    def mask(self, text: str) -> str:
        return f"{POINT.mask(self.clean(text).split()[0])}…"


def _sum(degrees: str, minutes: str, seconds: str | None) -> Decimal:
    return Decimal(degrees) + Decimal(minutes) / 60 + Decimal(seconds or 0) / 3600


POINT, AREA = Point(), Area()

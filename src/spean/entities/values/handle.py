"""User names on platforms, ``telegram:uncle_nine``."""

from __future__ import annotations

import re

from spean.entities.values.base import ValueType
from spean.entities.values.internet import fanged
from spean.entities.values.words import tidy

PLATFORMS: dict[str, tuple[str, str]] = {
    "telegram": (r"[a-z][a-z0-9_]{3,31}", r"(?:t|telegram)\.me/(?:s/)?"),
    "line": (r"[a-z0-9._-]{3,30}", r"line\.me/(?:ti/p/~|r/ti/p/@?)"),
    "wechat": (r"[a-z0-9][a-z0-9_-]{4,29}", r"$^"),
    "facebook": (r"[a-z0-9.]{5,50}", r"(?:www\.|m\.|web\.)?(?:facebook|fb)\.com/(?:profile\.php\?id=)?"),
    "instagram": (r"[a-z0-9._]{1,30}", r"(?:www\.)?instagram\.com/"),
    "x": (r"[a-z0-9_]{1,15}", r"(?:www\.)?(?:x|twitter)\.com/"),
    "tiktok": (r"[a-z0-9._]{2,24}", r"(?:www\.)?tiktok\.com/@"),
    "kakaotalk": (r"[a-z0-9._-]{3,30}", r"$^"),
    "zalo": (r"[a-z0-9._-]{3,30}", r"zalo\.me/"),
    "viber": (r"[a-z0-9._+-]{3,30}", r"$^"),
    "signal": (r"[a-z_][a-z0-9_]{2,31}\.\d{2,9}", r"$^"),
    "qq": (r"[1-9][0-9]{4,11}", r"$^"),
    "discord": (r"[a-z0-9._]{2,32}", r"$^"),
    "skype": (r"(?:live:)?[a-z0-9._,-]{6,32}", r"$^"),
}
"""Name → what a user name looks like there, and the addresses of its pages."""
_SAME = {
    "twitter": "x",
    "fb": "facebook",
    "tg": "telegram",
    "weixin": "wechat",
    "kakao": "kakaotalk",
    "ig": "instagram",
}
_PAGES = [(name, re.compile(rf"(?:https?://)?{page}@?([^/?#\s]+)/?(?:\?.*)?")) for name, (_, page) in PLATFORMS.items()]


class Handle(ValueType):
    """Platform and user name in small letters without ``@``; the address of a user's page is understood."""

    name = "handle"

    def clean(self, text: str) -> str:
        given = fanged(tidy(self.bounded(text))).lower()
        for name, page in _PAGES:
            if found := page.fullmatch(given):
                return self._on(name, found[1])
        platform, colon, user = given.partition(":")
        if not colon:
            raise self.refused("the platform is missing", "give it as in telegram:uncle_nine")
        return self._on(_SAME.get(platform.strip(), platform.strip()), user.strip().removeprefix("@"))

    def _on(self, platform: str, user: str) -> str:
        if platform not in PLATFORMS:
            raise self.refused(f"the platform {platform[:30]!r} is not known here", "one of " + ", ".join(PLATFORMS))
        if re.fullmatch(PLATFORMS[platform][0], user) is None:
            raise self.refused(
                f"{user[:40]!r} is no user name of {platform}", "copy it from the profile, not the shown name"
            )
        return f"{platform}:{user}"

    def mask(self, text: str) -> str:
        platform, _, user = self.clean(text).partition(":")
        return f"{platform}:{user[:2]}…"


HANDLE = Handle()

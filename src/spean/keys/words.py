"""Bytes as words, so that two people can compare a fingerprint by telephone.

256 common English words of at most eight letters, one per byte. No two begin with the same three letters and any
two differ in at least three, so that a word heard badly is noticed, not mistaken for another.
"""

from __future__ import annotations

import re

from spean.core.errors import InvalidInput

_LIST = """
actor adult album amber angel apple april arena arrow aspen atlas attic august autumn badge bacon bakery banjo
barrel basket beach beetle board border bowl bread bronze brush bubble button cabin cactus camel candle carpet
cedar cherry circle clay clock coast cobra coffee copper cousin crayon daily dancer deer delta domino donkey
drum duck eagle earth echo editor elbow eleven emerald engine evening exit fabric farmer fashion feather fence
field finger fire flower fog forest fossil frame friday frozen fruit galaxy garden gate giant giraffe glass
globe guitar harbor helmet hero hexagon horse hotel hunter husband iceberg igloo insect iron island ivory
january jazz jelly jewel jigsaw journal juice jungle kingdom kitchen kiwi knee koala ladder lagoon lamp lantern
leaf legend lemon letter library lizard lobster lotus lunch machine magnet marble menu metal milk mirror mobile
morning mosaic mother museum napkin nature nest network nickel night noodle oasis ocean october office olive
onion opera orange orchid ostrich oxygen pagoda painter palace paper pasta peanut pencil picnic pigeon pillow
pioneer pizza pocket pony potato prince pumpkin puppet puzzle pyramid quarter queen rabbit radio rainbow raven
recipe redwood rescue ribbon robot rubber rugby safari salad sandal sauce scarf school scooter season shadow
shelter silver sixty sleeve slipper snake snow soccer sofa south spider spoon square stadium stone studio sugar
summer swan symbol tailor taxi tennis tongue topic tornado trumpet tulip tunnel turtle twelve uniform urban
vacuum valley vanilla vessel video village vinegar violin volcano voyage waffle walnut wedding whale wheel
whisper window wolf wooden writer young zigzag zinc
"""
WORDS = tuple(_LIST.split())
_BY_START = {word[:3]: byte for byte, word in enumerate(WORDS)}
_LETTERS = re.compile(r"[^\W\d_]+")
COUNT = 12
"""Words of a fingerprint: 96 bits, beyond what anybody can search for a key with the same words."""


def fingerprint_words(digest: bytes) -> str:
    """The first twelve bytes of a SHA-256 as words, in threes: ``apple-board-cactus fog-…``."""
    if len(digest) < COUNT:
        raise InvalidInput("fingerprint", f"{len(digest)} bytes are too few", remedy=f"give at least {COUNT}")
    words = [WORDS[byte] for byte in digest[:COUNT]]
    return " ".join("-".join(words[at : at + 3]) for at in range(0, COUNT, 3))


def secret_words(secret: bytes) -> str:
    """A secret as words to be written down by hand, one per byte, in fours: ``apple board cactus fog / …``."""
    words = [WORDS[byte] for byte in secret]
    return " / ".join(" ".join(words[at : at + 4]) for at in range(0, len(words), 4))


def parse_secret(text: str, size: int) -> bytes:
    """The secret out of words as a person types them: any case, any separators; the first three letters of a word do.

    Raises ``InvalidInput`` naming the place of a word that is none, never the word itself.
    """
    found = []
    words = _LETTERS.findall(text.lower())
    for place, word in enumerate(words, start=1):
        byte = _BY_START.get(word[:3])
        if byte is None or not WORDS[byte].startswith(word):
            raise InvalidInput("words", f"word {place} is none of the list", remedy="look at the paper again")
        found.append(byte)
    if len(found) != size:
        raise InvalidInput("words", f"{len(found)} words, {size} are on the paper", remedy="type all of them, in order")
    return bytes(found)

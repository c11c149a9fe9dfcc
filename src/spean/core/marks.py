"""Handling marks: the closed lists that stand on every exchanged fact (DOMAIN 4.2, R26, R29, R30).

Sources: TLP 2.0 (FIRST); handling codes H0–H3, source codes A–X and information codes 1–4 (Europol, W68);
purposes and person categories (DOMAIN 2.3, 4.2; R20 keeps the list of purposes closed).
"""

from __future__ import annotations

from enum import StrEnum


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0, in rising order of restriction."""

    CLEAR = "CLEAR"
    GREEN = "GREEN"
    AMBER = "AMBER"
    AMBER_STRICT = "AMBER+STRICT"
    RED = "RED"

    @property
    def rank(self) -> int:
        return list(Tlp).index(self)


class Handling(StrEnum):
    """What the receiver may do: H0 crime purpose only, H1 not in court without permission,
    H2 not to be passed on without permission, H3 other (stated in words in the body)."""

    H0 = "H0"
    H1 = "H1"
    H2 = "H2"
    H3 = "H3"


class SourceGrade(StrEnum):
    """Reliability of the source: A always reliable … C often unreliable, X not assessable."""

    A = "A"
    B = "B"
    C = "C"
    X = "X"


class Nature(StrEnum):
    """A fact that was observed, or somebody's assessment (R29 keeps them apart)."""

    FACT = "fact"
    ASSESSMENT = "assessment"


class Purpose(StrEnum):
    """The closed list of purposes (R20, R26). No political, military, religious or racial matter is on it."""

    STOP_FRAUD = "stop-fraud"
    INVESTIGATE_FRAUD = "investigate-fraud"
    INVESTIGATE_LAUNDERING = "investigate-laundering"
    INVESTIGATE_TRAFFICKING = "investigate-trafficking"
    INVESTIGATE_CYBERCRIME = "investigate-cybercrime"
    PROTECT_PERSON = "protect-person"
    LOCATE_MISSING = "locate-missing"
    RECOVER_ASSETS = "recover-assets"
    WARN = "warn"
    DANGER_TO_LIFE = "danger-to-life"
    COORDINATE = "coordinate"


class Subject(StrEnum):
    """Whom the data are about (R30). ``NONE`` is for data about no person, such as an agreement's text."""

    SUSPECT = "suspect"
    CONVICTED = "convicted"
    VICTIM = "victim"
    PRESUMED_VICTIM = "presumed-victim"
    WITNESS = "witness"
    MISSING = "missing"
    CONTACT = "contact"
    OTHER = "other"
    NONE = "none"


class Data(StrEnum):
    """What kind of data a fact carries."""

    ACCOUNT = "account"
    WALLET = "wallet"
    PAYMENT = "payment"
    PHONE = "phone"
    DEVICE = "device"
    DOCUMENT = "document"
    IDENTITY = "identity"
    PLACE = "place"
    INDICATOR = "indicator"
    EVIDENCE = "evidence"
    HEALTH = "health"
    OPERATION = "operation"
    STATISTIC = "statistic"
    AGREEMENT = "agreement"
    DIRECTORY = "directory"
    KEY = "key"


INFO_GRADES = (1, 2, 3, 4)

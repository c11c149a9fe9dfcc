"""Own records about persons and things: what is said of them, how they are joined, who judged which to be the same, what a border answers."""

from spean.dossiers.procedures import PROCEDURES

__all__ = ["PROCEDURES"]

"""Keys: the node's own (files) and those of contents (a database of their own), so that erasing is possible (D4)."""

from spean.keys.content import ContentKeys, Destroyed
from spean.keys.files import load, save
from spean.keys.node import NodeKeys, fingerprint, key_id
from spean.keys.words import fingerprint_words

__all__ = ["ContentKeys", "Destroyed", "NodeKeys", "fingerprint", "fingerprint_words", "key_id", "load", "save"]

"""What faces may know of the values below the node: rows to show, the trust root's key, fingerprints as words."""

from spean.keys import fingerprint_words
from spean.keys.root import FORMAT as ROOT_FORMAT
from spean.keys.root import load_root, new_root, root_public
from spean.store.rows import AlarmRow, PasskeyRow, PeerRow, RecordRow, RecoveryRow, UserRow

__all__ = [
    "ROOT_FORMAT",
    "AlarmRow",
    "PasskeyRow",
    "PeerRow",
    "RecordRow",
    "RecoveryRow",
    "UserRow",
    "fingerprint_words",
    "load_root",
    "new_root",
    "root_public",
]

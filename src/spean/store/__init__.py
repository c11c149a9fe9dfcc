"""The store: SQL on SQLite and PostgreSQL behind ``Store`` and ``Tx``. Rows are in ``store.rows``."""

from spean.store.maintain import restore
from spean.store.store import Store, Tx

__all__ = ["Store", "Tx", "restore"]

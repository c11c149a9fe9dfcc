"""The one door for explorers' exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from spean.core.errors import InvalidInput
from spean.formats.chain.account import Accounts
from spean.formats.chain.documents import export
from spean.formats.chain.utxo import UTXO, Unspent
from spean.formats.model import Item, Rejected


def read(chunks: Iterable[bytes], chain: str, *, decimals: Mapping[str, int] | None = None) -> Iterator[Item]:
    """Payments and rejected rows of one export, in its order, which is often newest first: sort by time before tracing.

    ``chain``: our name of it, since an address of an EVM chain does not tell. ``decimals``: contract → digits, where the export
    leaves them out. Amounts are smallest units and may have 78 digits. Raises ``InvalidInput`` and ``TooMuch``.
    """
    opened = export(chunks)
    reader = Unspent(chain, opened.table) if chain in UTXO else Accounts(chain, opened.table, decimals or {})
    for line, record in opened.records:
        if not isinstance(record, dict):
            yield Rejected(
                line, "row", "chain-row", record if isinstance(record, str) else "it is no object", "export it again"
            )
            continue
        try:
            yield from reader.items(line, record)
        except InvalidInput as error:
            yield Rejected(line, error.field, error.rule, error.why, error.remedy)

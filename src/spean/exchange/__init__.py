"""The wire between nodes: formats, seals, pages, receipts and the seven receiving steps. Performs no I/O."""

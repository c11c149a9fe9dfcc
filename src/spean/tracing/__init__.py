"""Follow money through a ledger: FIFO, LIFO, haircut, poison; pure, integers only. The rules: ``reference``."""

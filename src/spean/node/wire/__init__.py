"""Between nodes: partners, fetching and answering, receiving in seven steps, witnesses, exchange by file."""

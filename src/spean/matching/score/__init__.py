"""How alike two names are, and why: weights in bits, learnt costs of spellings, frequencies, and a sentence."""

"""The signed append-only log: tree, tiles, notes, checkpoints, proofs, evidence files.

Pure: standard library and ``cryptography`` only, no I/O; ``verify_file`` alone reads the file that it is given.
"""

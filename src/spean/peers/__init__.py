"""Partners over HTTP: the client that pulls their feeds and asks for their proofs."""

"""A federation of nodes on one machine, played on real input, and the stories that it tells."""

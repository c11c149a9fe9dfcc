"""The same one? Names in ten scripts, scores that explain themselves, an index, and matching without showing. Pure."""

"""Work on whole files at once: linkage of lists by Splink on DuckDB (extra ``linkage``)."""

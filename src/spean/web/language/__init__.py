"""Languages of the pages: words and sentences, the reader's clock and calendar, scripts, terms of the field."""

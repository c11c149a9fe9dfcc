"""Bank statements as tables: ``recognise`` proposes a mapping, an analyst confirms it once, ``read`` keeps to it strictly."""

"""goAML, the reports of financial intelligence units (UNODC, schema 4.x and 5.x): in (``read``) and out (``write``)."""

"""ISO 20022 (https://www.iso20022.org): messages in (``read``) and out (``write``)."""

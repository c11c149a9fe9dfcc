"""Exports of blockchain explorers as payments between CAIP-10 accounts (``read``)."""

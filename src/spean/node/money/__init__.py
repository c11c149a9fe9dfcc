"""Following money and stopping it: ledgers that files feed, cases, requests hop by hop, the bank's side (DOMAIN 4.1, 6.C, 8.1)."""

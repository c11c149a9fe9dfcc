"""Value types by which records find one another: IBAN, BIC, phone, wallet. One small class each, with the same four verbs."""

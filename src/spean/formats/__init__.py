"""Pure translators of foreign documents: bytes in, words of the domain out (DESIGN D11). No I/O.

* ``model``, ``money``, ``moments``, ``identity``: what every format yields, and how amounts, times and names are read
* ``iso``: ISO 20022 in and out; ``goaml``: reports of financial intelligence units in and out
* ``bank_csv``: statements of banks as tables: recognised, confirmed once, then read strictly
* ``chain``: exports of blockchain explorers, account model and UTXO; ``amlsim``: ledgers of that generator
* ``selectors``: IBAN, BIC, phone and wallet: validate, clean, compare, mask
"""

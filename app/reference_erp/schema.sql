CREATE TABLE IF NOT EXISTS account (
    code   TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    type   TEXT NOT NULL CHECK (type IN ('asset', 'liability', 'equity', 'income', 'expense')),
    active INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE IF NOT EXISTS period (
    period    TEXT PRIMARY KEY,
    starts_on TEXT NOT NULL,
    ends_on   TEXT NOT NULL CHECK (ends_on >= starts_on),
    status    TEXT NOT NULL CHECK (status IN ('open', 'closed'))
) STRICT;

-- `id` is the number after JE-; amounts of lines are whole minor units.
CREATE TABLE IF NOT EXISTS journal (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    reference       TEXT NOT NULL UNIQUE,
    content_hash    TEXT NOT NULL,
    accounting_date TEXT NOT NULL,
    currency        TEXT NOT NULL,
    base_currency   TEXT NOT NULL,
    description     TEXT NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS journal_by_date ON journal (accounting_date);

CREATE TABLE IF NOT EXISTS journal_line (
    journal_id   INTEGER NOT NULL REFERENCES journal (id),
    line         INTEGER NOT NULL,
    account_code TEXT NOT NULL REFERENCES account (code),
    side         TEXT NOT NULL CHECK (side IN ('debit', 'credit')),
    amount       INTEGER NOT NULL CHECK (amount >= 0),
    base_amount  INTEGER NOT NULL CHECK (base_amount >= 0),
    charge_code  TEXT,
    role         TEXT,
    ledger       TEXT NOT NULL,
    description  TEXT NOT NULL,
    dimensions   TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(dimensions)),
    tax_code     TEXT,
    PRIMARY KEY (journal_id, line),
    CHECK (amount > 0 OR base_amount > 0)
) STRICT, WITHOUT ROWID;

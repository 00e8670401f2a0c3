"""A small General Ledger behind HTTP, independent of Glint: what the `json` adapter is proved against, and a sink to try Glint with."""

"""Oracle NetSuite: REST web services, the record `journalEntry`, and SuiteQL."""

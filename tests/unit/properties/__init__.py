"""The invariants of the posting rules over random event sequences, on the pure domain.

`GLINT_TEST_PROFILE=nightly` looks at many thousands of sequences per property, the default `ci` at a few hundred, always the same.
"""

"""How hard the property tests look: `ci` by default, `nightly` by `GLINT_TEST_PROFILE=nightly`."""

import os

from hypothesis import HealthCheck, settings

_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile(
    "ci", max_examples=120, deadline=None, derandomize=True, database=None, suppress_health_check=_SLOW_IS_FINE, print_blob=False
)
settings.register_profile(
    "nightly", max_examples=5_000, deadline=None, derandomize=False, database=None, suppress_health_check=_SLOW_IS_FINE, print_blob=True
)

EFFORT = settings.get_profile(os.environ.get("GLINT_TEST_PROFILE", "ci"))
"""The decorator of every property test, so that no other test's settings change."""

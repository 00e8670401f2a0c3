"""Splitting an amount by weights without losing a cent (POSTING.md 3)."""

from collections.abc import Sequence


def allocate(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Largest remainder in minor units: the parts sum to `amount`, each within one unit of its exact share.

    Ties go to the lower position; allocate(−x) = −allocate(x); zero weights get nothing, unless all are zero: then all weigh
    the same. `weights` ≥ 0 and at least one.
    """
    if len(weights) == 1:
        return (amount,)
    total = sum(weights)
    if not total:
        weights, total = (1,) * len(weights), len(weights)
    size = abs(amount)
    parts = [size * weight // total for weight in weights]
    left = size - sum(parts)
    if left:
        by_remainder = sorted(range(len(weights)), key=lambda position: -(size * weights[position] % total))
        for position in by_remainder[:left]:
            parts[position] += 1
    return tuple(-part for part in parts) if amount < 0 else tuple(parts)

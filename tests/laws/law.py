"""How often a law is tried on a random shop."""

import os

from hypothesis import HealthCheck, Phase, settings

AT_LEAST = int(os.environ.get("REGULARS_TEST_EXAMPLES", "0"))


def law(examples: int) -> settings:
    """Try a law on so many shops, or on more if REGULARS_TEST_EXAMPLES says so."""
    return settings(
        max_examples=max(examples, AT_LEAST),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # A seed tells nothing by being smaller.
        phases=[Phase.explicit, Phase.generate],
    )

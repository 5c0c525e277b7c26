"""What the tests of the draw share."""

import pytest

from scheduler.domain.hashes import PROFILES, Profile


@pytest.fixture(scope="session", params=PROFILES)
def profile(request: pytest.FixtureRequest) -> Profile:
    """Either hash of a whole run: a test that asks for it holds under both."""
    chosen: Profile = request.param
    return chosen

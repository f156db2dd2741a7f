"""What the tests of members share."""

import pytest

from members import MemberKeys


@pytest.fixture(scope="session")
def keys() -> MemberKeys:
    """The keys under the root secret of nobody."""
    return MemberKeys.from_root(bytes(32))

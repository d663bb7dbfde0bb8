"""What validates deploy files is installed by `make check-deploy`; without it, the tests that need it are skipped."""

import pytest

from deploy.validation import nginx, tools
from deploy.validation.tools import MissingToolError


@pytest.fixture
def validators() -> None:
    for name in ("docker-compose", "hadolint", "kubectl", "kubernetes-validate", nginx.PROGRAM):
        try:
            tools.program(name)
        except MissingToolError as missing:
            pytest.skip(str(missing))

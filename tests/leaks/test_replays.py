"""What was done once under an idempotency key is told again to those who may do it, and to nobody else."""

from typing import Any

import pytest

from tests.aside import waited_for
from tests.leaks.asking import Asking, undone
from tests.leaks.readers import readers
from tests.leaks.world import DESK, World

pytestmark = pytest.mark.xdist_group("leaks")


def test_a_token_is_not_told_again_what_its_scopes_do_not_reach(in_world: World) -> None:
    present = readers(in_world)[DESK]
    path = f"/api/v1/campaigns/{in_world.companies[DESK].id}/roles"
    sent: dict[str, Any] = {"json": {"email": "edit@example.org", "role": "editor"}, "headers": {"Idempotency-Key": "k"}}

    async def twice() -> list[int]:
        asking = Asking()
        return [(await present[who].ask(asking, "POST", path, sent)).status_code for who in ("manager", "beyond", "manager")]

    with undone():
        assert waited_for(twice()) == [201, 403, 201]

"""Prefect's own command line, made to work on SQLAlchemy 2.1 where it starts the server.

Prefect 3.8.8 makes the runs of a schedule by a bulk insert that also names `state`, a hybrid attribute. SQLAlchemy 2.0
passed over it; 2.1 asks the attribute what to do, and without an answer no schedule ever makes a run.
"""

from collections.abc import MutableMapping
from typing import Any

from prefect.cli import app
from prefect.server.database.orm_models import FlowRun


def passed_over(_cls: type[FlowRun], _values: MutableMapping[str, Any], _state: Any) -> None:
    """The state has a table of its own, which Prefect fills in its next statement."""


if __name__ == "__main__":
    FlowRun.__dict__["state"].inplace.bulk_dml(passed_over)
    app()

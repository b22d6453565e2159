"""Whether this process can do its work."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import text

from api.deps import Tx
from api.operator.processes import web_processes

router = APIRouter()


@router.get("/health")
def health(request: Request, session: Tx) -> dict[str, Any]:
    """Answer as soon as the database does, with the name of this process and how many of them serve."""
    session.execute(text("select 1"))
    return {"status": "ok", "process": request.app.state.process, "web_processes": web_processes()}

"""Whether this process can do its work."""

from fastapi import APIRouter
from sqlalchemy import text

from api.deps import Tx

router = APIRouter()


@router.get("/health")
def health(session: Tx) -> dict[str, str]:
    """Answer as soon as the database does."""
    session.execute(text("select 1"))
    return {"status": "ok"}

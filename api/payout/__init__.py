"""Payout over HTTP and as pages: points, proposals and their lines, comments, the final word; runs, limits, holds; and one's own money."""

from fastapi import APIRouter

from api.payout import (
    accounts,
    assessment,
    comment_pages,
    comments,
    countries,
    dispute_pages,
    disputes,
    holds,
    money_pages,
    negative_balances,
    overdue,
    pool_pages,
    pools,
    proposal_files,
    proposal_pages,
    proposals,
    retrying,
    run_deeds,
    run_pages,
    run_progress,
    runs,
    standing_pages,
    statement_pages,
    statements,
    top_ups,
    what_if_pages,
)
from api.scopes import needs_scope

router = APIRouter(tags=["payout"], dependencies=[needs_scope("payout")])
pages = APIRouter()
of_api = (
    assessment, pools, proposals, comments, accounts, statements, runs, holds, negative_balances, overdue, countries, retrying, top_ups,
    disputes,
)  # fmt: skip
for part in of_api:
    router.include_router(part.router)
of_finance = (
    statement_pages, standing_pages, negative_balances, overdue, countries, top_ups, run_pages, run_progress, run_deeds, dispute_pages,
)  # fmt: skip
for room in (accounts, money_pages, pool_pages, proposal_pages, proposal_files, what_if_pages, comment_pages, *of_finance):
    pages.include_router(room.pages)

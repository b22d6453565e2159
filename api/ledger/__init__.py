"""The books over HTTP and in a browser: accounts, statements and journals; and the checks that they must pass."""

from fastapi import APIRouter

from api.ledger import account_pages, books, check_pages

router = books.router
pages = APIRouter()
for room in (account_pages, check_pages):
    pages.include_router(room.pages)

"""`python -m api`: the web process."""

import gc
from collections.abc import Mapping

import uvicorn

from api.app import make_app
from api.lines import PromptLine
from campaigns.core.settings import settings

FIRST = 8


def keep_what_stays(phase: str, about: Mapping[str, int]) -> None:
    """After each of the first full collections: what is left, compiled statements, templates and words, is never looked through again."""
    if phase == "stop" and about["generation"] == 2:
        gc.freeze()
        if gc.get_stats()[2]["collections"] >= FIRST:
            gc.callbacks.remove(keep_what_stays)


if __name__ == "__main__":
    app = make_app()
    # To look for garbage is a wait on someone's page: not in what stands as long as the process, and seldom in all the rest.
    gc.freeze()
    gc.set_threshold(700, 10, 100)
    gc.callbacks.append(keep_what_stays)
    uvicorn.run(
        app,
        host=settings().host,
        port=settings().port,
        http=PromptLine,
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
    )

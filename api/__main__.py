"""`python -m api`: the web process."""

import gc
import logging
from collections.abc import Mapping

import uvicorn

from api.app import make_app
from api.lines import PromptLine
from campaigns.core.logs import begin_logs
from campaigns.core.settings import settings

FIRST = 8


def keep_what_stays(times: int) -> None:
    """After each of the next full collections: what is left, compiled statements, templates and words, is never looked through again."""
    last = gc.get_stats()[2]["collections"] + times

    def keep(phase: str, about: Mapping[str, int]) -> None:
        if phase == "stop" and about["generation"] == 2:
            gc.freeze()
            if gc.get_stats()[2]["collections"] >= last:
                gc.callbacks.remove(keep)

    gc.callbacks.append(keep)


if __name__ == "__main__":
    begin_logs(logging.WARNING)
    app = make_app()
    # To look for garbage is a wait on someone's page: not in what stands as long as the process, and seldom in all the rest.
    gc.freeze()
    gc.set_threshold(700, 10, 100)
    keep_what_stays(FIRST)
    uvicorn.run(
        app,
        host=settings().host,
        port=settings().port,
        http=PromptLine,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
    )

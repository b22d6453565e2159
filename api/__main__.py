"""`python -m api`: the web process."""

import gc

import uvicorn

from api.app import make_app
from api.lines import PromptLine
from campaigns.core.settings import settings

if __name__ == "__main__":
    app = make_app()
    # To look for garbage is a wait on someone's page: not in what stands as long as the process, and seldom in all the rest.
    gc.freeze()
    gc.set_threshold(700, 10, 100)
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

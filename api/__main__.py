"""`python -m api`: the web process."""

import uvicorn

from api.lines import PromptLine
from campaigns.core.settings import settings

if __name__ == "__main__":
    uvicorn.run(
        "api.app:make_app",
        factory=True,
        host=settings().host,
        port=settings().port,
        http=PromptLine,
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
    )

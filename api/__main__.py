"""`python -m api`: the web process; with a name of its own, `python -m api api-2`, one of several behind one port."""

import gc
import logging
import socket
import sys
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


def listening(host: str, port: int, *, shared: bool) -> socket.socket:
    """A socket for what comes to the port, which further processes may share when all of them say so."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, reuse_port=shared)


if __name__ == "__main__":
    begin_logs(logging.WARNING)
    app = make_app()
    named = sys.argv[1:]
    app.state.process = named[0] if named else "api"
    # To look for garbage is a wait on someone's page: not in what stands as long as the process, and seldom in all the rest.
    gc.freeze()
    gc.set_threshold(700, 10, 100)
    keep_what_stays(FIRST)
    config = uvicorn.Config(app, http=PromptLine, ws="none", access_log=False, log_config=None, server_header=False)
    uvicorn.Server(config).run(sockets=[listening(settings().host, settings().port, shared=bool(named))])

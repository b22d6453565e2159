"""The process of one flow run: Prefect's engine, bound to the worker that started it, so that no run outlives its worker."""

import gc
import os
import runpy
import signal

from flows.supervise.process import die_with

if __name__ == "__main__":
    die_with(os.getppid(), signal.SIGKILL)()
    gc.set_threshold(100_000)  # most of this process's short life is imports, which leave no garbage to look for
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)

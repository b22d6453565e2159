"""What is awaited by tests that are none of asyncio's own."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def waited_for(asked: Coroutine[Any, Any, T]) -> T:
    """What comes of it, from a thread of its own: in the tests' thread, a browser that was used before keeps its loop."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, asked).result()

"""Port numbers for what a test starts."""

import os
import random
import socket

# Below the numbers that the system hands to outgoing connections: none of those takes one between the look and its use.
_LOWEST, _HIGHEST = 10_000, 32_000
_drawn = random.Random(os.getpid())


def free_ports(count: int) -> list[str]:
    """Port numbers, each another, that nobody listens on at this moment."""
    numbers: list[str] = []
    while len(numbers) < count:
        number = _drawn.randrange(_LOWEST, _HIGHEST)
        if str(number) not in numbers and _is_free(number):
            numbers.append(str(number))
    return numbers


def free_port() -> int:
    """One port number that nobody listens on at this moment."""
    [number] = free_ports(1)
    return int(number)


def _is_free(number: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
        return True

"""pretalx's own settings, without the files that its build for browsers makes and its package lacks: pages name them, and are as long."""

from pretalx.settings import *  # noqa: F403

VITE_IGNORE = True

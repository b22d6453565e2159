"""The web process looks for garbage where there may be some."""

import gc

from api.__main__ import keep_what_stays


def test_what_is_left_of_the_first_full_collections_is_looked_through_no_more() -> None:
    callbacks, kept = list(gc.callbacks), []
    keep_what_stays(2)
    try:
        for _time in range(3):
            more: list[list[object]] = [[] for _each in range(1000)]
            gc.collect()
            kept.append((gc.get_freeze_count() > 0, len(gc.get_objects(generation=2)) > len(more), gc.callbacks == callbacks))
            gc.unfreeze()
    finally:
        gc.unfreeze()
    assert kept == [(True, False, False), (True, False, True), (False, True, True)]

"""One page of a list, and the place after which the next begins."""

from api.deps import page_of


def whole(number: int) -> int:
    return number


def test_a_page_that_is_followed_says_after_which_item() -> None:
    assert page_of([1, 2, 3], 2, whole) == ([1, 2], 2)


def test_the_last_page_and_an_empty_one_are_followed_by_nothing() -> None:
    assert [page_of(found, 2, whole) for found in ([1, 2], [1], [])] == [([1, 2], None), ([1], None), ([], None)]

from campaigns.payout.split import ContributionCredit, CreditPath, Explanation, PathStep, PayRule, explain, explain_everyone, first_line
from tests.campaigns.payout.lineages import contains, contribution, divided, influenced_by

MILLION = 1_000_000

REMIX = (
    contribution("remix", "ana", contains("song"), influenced_by("poem")),
    contribution("song", {"bo": 1, "cy": 1}, contains("poem")),
    contribution("poem", "dee"),
)


def test_an_explanation_lists_every_path_to_a_contribution() -> None:
    outcome = divided(
        *REMIX, points={"remix": 3, "poem": 1}, rule=PayRule(contains=3000, influenced_by=1000, staff=frozenset({"ana"})), pool=400
    )
    through_song = (
        PathStep("remix", "song", "contains", 1, 1, "3/10", 90 * MILLION),
        PathStep("song", "poem", "contains", 1, 1, "3/10", 27 * MILLION),
    )
    assert explain(outcome, "dee") == Explanation(
        person="dee",
        is_staff=False,
        amount=286,
        before_staff=157 * MILLION,
        from_staff=128_454_546,
        rounding=545_454,
        assembly=0,
        of_points=4,
        cited_by={"contains": 1, "influenced_by": 1},
        contributions=(
            ContributionCredit(
                contribution="poem",
                points=1,
                share=1,
                of_shares=1,
                credit=157 * MILLION,
                direct=100 * MILLION,
                paths=(
                    CreditPath("poem", 1, 100 * MILLION, (), "1", 100 * MILLION),
                    CreditPath(
                        "remix",
                        3,
                        300 * MILLION,
                        (PathStep("remix", "poem", "influenced_by", 1, 1, "1/10", 30 * MILLION),),
                        "1",
                        30 * MILLION,
                    ),
                    CreditPath("remix", 3, 300 * MILLION, through_song, "1", 27 * MILLION),
                ),
                other_paths=0,
                other_credit=0,
                rounding=0,
            ),
        ),
    )


def test_a_contribution_that_the_rule_has_pass_nothing_on_is_not_counted_among_those_that_did() -> None:
    outcome = divided(*REMIX, points={"remix": 1}, rule=PayRule(contains=3000))
    assert [explain(outcome, person).cited_by for person in ("ana", "bo", "dee")] == [{}, {"contains": 1}, {"contains": 1}]


def test_a_wrapper_of_own_work_has_no_more_than_what_floors_left_with_it() -> None:
    wrapper = contribution("zip", "ana", contains("x", 1), contains("y", 2), wrapper=True)
    opened = explain(divided(wrapper, contribution("x", "ana"), contribution("y", "ana"), points={"zip": 1}, pool=1), "ana")
    assert [(each.contribution, each.credit, [path.credit for path in each.paths], each.rounding) for each in opened.contributions] == [
        ("y", 666_666, [666_666], 0), ("x", 333_333, [333_333], 0), ("zip", 1, [], 1),
    ]  # fmt: skip


def test_the_first_line_of_an_explanation_is_one_plain_sentence() -> None:
    outcome = divided(*REMIX, points={"remix": 3, "poem": 1}, rule=PayRule(500, 3000, 1000), makers={"ed": 1}, pool=8000)
    lines = {
        person: first_line(explanation, "USD", titles={"poem": "Grandmother's tamales", "remix": "Remix"}, piece="the film")
        for person, explanation in explain_everyone(outcome).items()
    }
    assert lines == {
        "ana": "$34.20: 100% for “Remix” in the film (3 of 4 points)",
        "bo": "$5.99: 100% passed on from 1 contribution that contains it",
        "cy": "$5.98: 100% passed on from 1 contribution that contains it",
        "dee": "$29.83: 64% for “Grandmother's tamales” in the film (1 of 4 points), 36% passed on from 2 contributions that build on it",
        "ed": "$4.00: 100% for making the film",
    }


def test_the_first_line_counts_several_contributions_of_one_person_and_what_staff_gave_up() -> None:
    rule = PayRule(contains=3000, staff=frozenset({"sam"}))
    contributions = (
        contribution("a", "ana"),
        contribution("b", "ana"),
        contribution("c", "bo", contains("a"), contains("b")),
        contribution("s", "sam"),
    )
    outcome = divided(*contributions, points={"a": 2, "b": 1, "c": 1, "s": 4}, rule=rule)
    says = {person: first_line(each, "USD", titles={}, piece="the film") for person, each in explain_everyone(outcome).items()}
    assert says == {
        "ana": "$8.25: 45% for 2 contributions in the film (3 of 8 points), 5% passed on from 1 contribution that builds on theirs, "
        "50% from the staff's share",
        "bo": "$1.75: 50% for “c” in the film (1 of 8 points), 50% from the staff's share",
        "sam": "Staff: $5.00 is divided among everyone else.",
    }


def test_contributions_that_brought_the_same_are_explained_from_the_lower_on() -> None:
    outcome = divided(contribution("b", "ana"), contribution("c", "ana"), contribution("a", "ana"), points={"b": 1, "c": 2, "a": 1})
    assert [each.contribution for each in explain(outcome, "ana").contributions] == ["c", "a", "b"]
    made = (
        contribution("a", "ana"),
        contribution("x", "bo", contains("a")),
        contribution("b", "ana", contains("x")),
    )  # the lower comes last in the flow
    again = divided(*made, points={"b": 4, "a": 1}, rule=PayRule(contains=5000))
    assert [(each.contribution, each.credit) for each in explain(again, "ana").contributions] == [("a", 400_000_000), ("b", 400_000_000)]


def test_somebody_left_out_is_told_so() -> None:
    explanation = explain(divided(*REMIX, points={"remix": 1}), "zoe")
    assert (explanation.amount, explanation.contributions) == (0, ())
    assert (
        first_line(explanation, "USD", titles={}, piece="the film") == "Nothing: none of their contributions is in the film or inspired it."
    )


def test_of_many_paths_the_largest_are_listed_and_the_rest_summed() -> None:
    middle = [contribution(f"m{place}", f"maker{place}", contains("root")) for place in range(7)]
    top = contribution("top", "ana", *(contains(each.id, weight=place + 1) for place, each in enumerate(middle)))
    opened = explain(divided(top, *middle, contribution("root", "dee"), points={"top": 1}), "dee").contributions[0]
    assert [path.steps[0].source for path in opened.paths] == ["m6", "m5", "m4", "m3", "m2"]
    assert opened.other_paths == 2
    assert opened.other_credit == opened.credit - sum(path.credit for path in opened.paths)
    assert opened.rounding == 0


def test_with_fewer_of_its_paths_listed_a_works_credit_still_adds_up() -> None:
    middle = [contribution(f"m{place}", f"maker{place}", contains("root")) for place in range(7)]
    top = contribution("top", "ana", *(contains(each.id, weight=place + 1) for place, each in enumerate(middle)))
    opened = explain(divided(top, *middle, contribution("root", "dee"), points={"top": 1}), "dee").contributions[0]
    shown = {most: opened.with_largest(most) for most in (0, 1, 3, 5, 9)}
    assert {most: (contribution.paths, len(contribution.paths) + contribution.other_paths) for most, contribution in shown.items()} == {
        most: (opened.paths[:most], 7) for most in shown
    }
    assert {
        sum(path.credit for path in contribution.paths) + contribution.other_credit + contribution.rounding
        for contribution in shown.values()
    } == {opened.credit}


def test_what_floors_took_from_paths_is_told_beside_them_until_some_of_them_are_not_listed() -> None:
    contributions = (
        contribution("a", "ana", contains("root")),
        contribution("b", "bo", contains("root")),
        contribution("root", {"dee": 1, "eve": 2}),
    )
    opened = explain(divided(*contributions, points={"a": 1, "b": 1}, pool=1, rule=PayRule(contains=1111)), "dee").contributions[0]
    told = [(len(each.paths), each.other_paths, each.other_credit, each.rounding) for each in map(opened.with_largest, (3, 2, 1, 0))]
    assert opened.credit == 37_033
    assert told == [(2, 0, 0, 1), (2, 0, 0, 1), (1, 1, 18_517, 0), (0, 2, 37_033, 0)]


def test_of_paths_that_brought_the_same_the_shortest_are_listed() -> None:
    around = contribution("around", "zed", contains("root"), wrapper=True)
    tops = [contribution(f"top{n}", f"maker{n}", contains("around" if n == 0 else "root")) for n in range(6)]
    opened = explain(divided(*tops, around, contribution("root", "dee"), points={top.id: 1 for top in tops}, pool=6), "dee").contributions[
        0
    ]
    assert [path.component for path in opened.paths] == ["top1", "top2", "top3", "top4", "top5"]
    assert (opened.other_paths, opened.other_credit) == (1, 300_000)


def test_of_paths_that_floors_have_made_alike_the_shorter_comes_first() -> None:
    contributions = (contribution("a", "ana", contains("around")), contribution("b", "bo", contains("root")), contribution("c", "cy"))
    root = (contribution("around", "zed", contains("root"), wrapper=True), contribution("root", {"dee": 1, "eve": 1}))
    outcome = divided(*contributions, *root, points={"a": 202, "b": 200, "c": 999_598}, pool=1, rule=PayRule(contains=5000))
    assert [(path.component, path.credit) for path in explain(outcome, "dee").contributions[0].paths] == [("b", 50), ("a", 50)]


def test_a_maker_for_whom_floors_have_left_nothing_has_no_line_to_explain() -> None:
    assert explain_everyone(divided(contribution("a", {"ana": 10**9, "bo": 1}), points={"a": 1}, pool=1)).keys() == {"ana"}


def test_an_explanation_takes_no_longer_where_paths_cannot_be_counted_out() -> None:
    """Forty layers of two contributions, each built on both of the layer below: 2^38 paths to each contribution of the last."""
    layers = [
        contribution(f"{side}{layer}", f"{side}{layer}", *((contains(f"l{layer + 1}"), contains(f"r{layer + 1}")) if layer < 39 else ()))
        for layer in range(40)
        for side in "lr"
    ]
    rule = PayRule(contains=9999)
    opened = explain(divided(*layers, points={"l0": 1}, pool=10**12, rule=rule), "l39").contributions[0]
    assert len(opened.paths) == 5
    assert opened.other_paths == 2**38 - 5


def test_a_long_chain_is_split_and_explained() -> None:
    chain = [contribution(f"w{place}", f"p{place}", contains(f"w{place + 1}")) for place in range(3000)]
    outcome = divided(*chain, contribution("w3000", "last"), points={"w0": 1}, pool=10**12, rule=PayRule(contains=9999))
    assert len(explain(outcome, "last").contributions[0].paths[0].steps) == 3000

"""What must always be true of two people who acted together, as SQL for the invariants of each act."""


def depended(one: str, other: str, at: str) -> str:
    """SQL for whether, at `at`, one of two people had their role from the other, in an installation that never chose to be one of few."""
    return f"""
        (not exists (select from event where name = 'people.few_chosen') and exists (
            select from appointment a
            where a.began_at <= {at}
              and (a.person_id = {one} and {other} in (a.granted_by, a.confirmed_by)
                   or a.person_id = {other} and {one} in (a.granted_by, a.confirmed_by))
              and not exists (
                select from appointment anew
                where anew.person_id = a.person_id and anew.role = a.role and anew.began_at <= {at} and anew.id > a.id
                  and anew.brand_id is not distinct from a.brand_id and anew.campaign_id is not distinct from a.campaign_id
                  and anew.deliverable_id is not distinct from a.deliverable_id)))
    """  # nosec B608  # noqa: S608 - the parts are names of columns

"""One assignment on the real stack, carried by hands: everyone acts at a browser of their own, from sign-in to done."""

from tests import samples
from tests.browser.journeys import artist, brand, curator, editor, finance, manager, operator
from tests.browser.journeys.company import Company
from tests.browser.journeys.plot import LINES, PICTURE, REMIX, SOUND, TEXT, WHY


def test_an_operator_appoints_the_staff_and_another_confirms_it(company: Company) -> None:
    company.operator.sign_in()
    operator.appoint(company.operator, company.controller, "Finance")
    operator.appoint(company.operator, company.manager, "Manager")
    operator.appoint(company.operator, company.accountant, "Finance")
    company.finance.sign_in()
    for appointed in (company.manager, company.accountant):
        operator.confirm(company.finance, appointed)
    operator.let_it_cool(company.operator)


def test_a_manager_takes_a_client_on_and_writes_the_brief_step_by_step(company: Company) -> None:
    company.manager.sign_in()
    manager.take_a_client_on(company.manager, company.approver.email)
    manager.write_the_brief(company.manager)


def test_the_brand_confirms_its_administrator_who_appoints_its_people(company: Company) -> None:
    denise = company.approver
    brand.confirm_the_administrator(denise)
    denise.sign_in()
    denise.go("Brands", "Zappos")
    brand.appoint(denise, company.marketing, "Signer", "marketing")
    brand.appoint(denise, company.legal, "Signer", "legal")
    brand.appoint(denise, denise, "Approver")


def test_the_manager_invites_everyone_and_asks_for_signatures(company: Company) -> None:
    manager.open_the_campaign(company.manager)
    company.manager.go("People")
    manager.invite(company.manager, company.curator, "Curator")
    manager.invite(company.manager, company.editor, "Editor")
    manager.ask_for_signatures(company.manager)


def test_the_brand_signs_under_two_sign_off_roles_and_pays_the_invoice(company: Company) -> None:
    for signer, sign_off_role in ((company.marketing, "marketing"), (company.legal, "legal")):
        signer.sign_in()
        brand.sign(signer, sign_off_role)
    manager.ask_for_the_money(company.manager)
    brand.pay(company.approver)


def test_the_manager_launches_once_nothing_is_left_to_do(company: Company) -> None:
    manager.launch(company.manager)


def test_artists_read_the_call_and_send_contributions_in_by_choosing_dropping_and_writing(company: Company) -> None:
    ines, tomasz, selam = company.ines, company.tomasz, company.selam
    artist.read_the_call(ines)
    ines.go("Submit work")
    ines.come_in()
    ines.go("Set your country")
    artist.say_who_they_are(ines)
    artist.open_the_form(ines)
    ines.pick_file(samples.picture(company.folder))
    artist.send_in(ines, PICTURE)
    for other in (tomasz, selam):
        other.sign_in()
        artist.open_the_form(other)
        other.go("Set your country")
        artist.say_who_they_are(other)
        artist.open_the_form(other)
    artist.drop_file(tomasz, samples.sound(company.folder), "audio/mpeg")
    artist.send_in(tomasz, SOUND)
    artist.write_text(selam, LINES)
    artist.send_in(selam, TEXT)


def test_a_curator_screens_by_one_key_and_artists_build_on_what_takes_part(company: Company) -> None:
    company.curator.sign_in()
    curator.screen(company.curator, 3)
    artist.build_on(company.tomasz, TEXT, also=PICTURE)
    curator.screen(company.curator, 1)
    artist.confirm_the_influence(company.ines)


def test_the_call_closes_and_the_manager_hands_the_contributions_out(company: Company) -> None:
    operator.let_time_pass(company.operator, "The call closes")
    manager.say_that_the_material_is_complete(company.manager)
    manager.ask_curators(company.manager)


def test_the_curator_judges_blind_and_by_keyboard(company: Company) -> None:
    makers = {hands.name for hands in (company.ines, company.tomasz, company.selam)}
    curator.judge(company.curator, 4, makers)


def test_the_manager_publishes_a_choice_and_its_makers_read_why(company: Company) -> None:
    manager.choose_and_publish(company.manager, TEXT, REMIX)
    artist.read_that_it_was_chosen(company.selam, WHY)


def test_a_version_is_made_presented_and_sent_back_with_a_note_at_its_moment(company: Company) -> None:
    company.editor.sign_in()
    editor.make_the_first_version(company.editor, samples.sound(company.folder, "mp3"))
    manager.present(company.manager, 1)
    brand.ask_for_changes(company.approver)


def test_the_next_version_is_approved_and_its_package_fetched(company: Company) -> None:
    editor.make_the_next_version(company.editor, samples.sound(company.folder, "wav"))
    manager.present(company.manager, 2)
    brand.approve(company.approver, 2)


def test_the_pool_is_shared_an_artist_reads_why_and_a_comment_is_answered(company: Company) -> None:
    manager.assess_the_points(company.manager)
    artist.read_why(company.selam)
    artist.comment(company.selam)
    manager.answer_the_comment(company.manager, company.selam.name)


def test_artists_set_up_how_they_are_paid(company: Company) -> None:
    artist.set_up_how_they_are_paid(company.selam)
    artist.set_up_how_they_are_paid(company.tomasz)


def test_fourteen_days_later_two_people_of_finance_say_that_it_is_final(company: Company) -> None:
    operator.let_time_pass(company.operator, "Comments close")
    for person in (company.controller, company.accountant):
        person.sign_in()
        finance.say_that_it_is_final(person)


def test_finance_quotes_a_run_and_a_second_person_sends_it_and_looks_on(company: Company) -> None:
    finance.quote(company.finance)
    finance.send(company.controller)
    artist.read_that_it_was_paid(company.selam)


def test_the_operator_finds_that_everything_works(company: Company) -> None:
    operator.see_that_everything_works(company.operator)

import re
from html import unescape

import pytest

from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from notifications.notification import EmailDraft, Notification, notification
from notifications.preview import previews, sample_of
from notifications.registry import NOTIFICATIONS
from notifications.render import TEMPLATES, Recipient, link, wrapped, write

FILES = ("subject.txt", "body.txt", "body.html")
EVERY = pytest.mark.parametrize("email", list(NOTIFICATIONS.values()), ids=list(NOTIFICATIONS))


@EVERY
def test_every_notification_has_its_three_files_and_a_sentence_of_its_own(email: Notification) -> None:
    assert sorted(path.name for path in (TEMPLATES / email.folder).iterdir()) == sorted(FILES)
    assert (email.build.__doc__ or "").strip().endswith(".")


@EVERY
@pytest.mark.parametrize("locale", ["en", "de", "ar", "nowhere"])
def test_every_email_is_written_from_its_sample_in_any_language(email: Notification, locale: str) -> None:
    written = sample_of(email, locale)
    assert written.subject == written.subject.strip() != ""
    assert "\n" not in written.subject
    for words in (written.text, written.html):
        assert not re.search(r"\{[{%]|[}%]\}|None|Undefined", words)


@EVERY
def test_an_email_says_the_same_in_text_and_in_html(email: Notification) -> None:
    written = sample_of(email)
    body = re.sub(r"(?s).*</h1>", "", written.html)
    in_html = _squeezed(unescape(re.sub(r"<[^>]+>", " ", body)))
    missing = [sentence for sentence in _sentences(written.text) if sentence not in in_html]
    assert missing == []


@EVERY
def test_an_email_has_the_same_links_in_text_and_in_html_and_at_most_one_thing_to_do(email: Notification) -> None:
    written = sample_of(email)
    links = sorted(unescape(found) for found in re.findall(r'href="([^"]+)"', written.html))
    assert links == sorted(re.findall(r"https?://\S+", written.text))
    path = email.sample.get("path")
    assert [one for one in links if "/unsubscribe/" not in one] == ([link(path)] if path else [])


@EVERY
def test_every_email_says_why_its_reader_gets_it(email: Notification) -> None:
    written = sample_of(email)
    assert len(written.text.partition("\n--\n")[2].strip()) > 20


def test_every_email_of_a_partnership_has_its_notification() -> None:
    assert set(NOTIFICATIONS) == {
        "launch", "contribution_received", "screened", "your_contribution_was_used", "selected", "not_selected", "version_ready",
        "decision",
        "proposal", "comment_answered", "final", "sent", "arrived", "bank_returned",
        "cannot_pay", "country_changed", "run_paused", "destination", "account_ready",
        "account_needs_more", "account_stopped", "left_open",
        "paused", "cancelled",
        "sign_in", "resumed", "call_extended", "collaboration_extended", "influence_claimed", "influence_decided", "reviews_asked",
        "cancelled_for_brand", "cancelled_for_staff", "cancellation_asked", "cancellation_settled", "refund_by_hand", "refund_promised",
        "refund_asked", "refund_stuck", "kept_back",
        "reminded", "monday", "question_asked", "question_answered", "anchored", "anchors_broken",
        "factor_added", "factor_removed", "token_created",
        "notes_left", "brief_ready", "signature_fell", "invited", "first_word", "role_of_money",
        "version_stopped", "package_changed", "naming_ended", "version_names_you",
        "administrator_asked", "administrator_named", "colleague_appointed", "brand_changed", "brand_merged",
        "billing_changed", "billing_objected",
        "dispute_opened", "dispute_due", "dispute_answer_refused", "dispute_decided", "fraud_warned",
    }  # fmt: skip
    assert [notification.name for notification in NOTIFICATIONS.values() if notification.announcement] == ["launch"]
    assert {notification.name for notification in NOTIFICATIONS.values() if notification.through_pause} == {
        "paused", "sign_in", "cancellation_asked", "role_of_money",
    }  # fmt: skip


def test_there_is_a_preview_of_every_notification() -> None:
    assert [preview.notification for preview in previews()] == list(NOTIFICATIONS)


def test_what_people_wrote_is_escaped_in_html_and_quoted_in_text() -> None:
    words = {"reason": "<script>alert(1)</script>\nFrom: the brand"}
    email = write(
        NOTIFICATIONS["paused"], words, path=None, reader=Recipient("Ada"), campaign=Campaign(number=7, title="<b>Bold\ncalls</b>")
    )
    assert email.subject == "“<b>Bold calls</b>” is paused"
    assert "> <script>alert(1)</script>\n> From: the brand" in email.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>From: the brand</blockquote>" in email.html
    assert "<b>" not in email.html


def test_text_is_wrapped_at_72_and_links_stay_whole() -> None:
    long_link = "https://example.org/" + "x" * 90
    text = wrapped(f"{'word ' * 30}\n\n- {'item ' * 30}\n- second\n\nSee it:\n{long_link}\n\n\n> {'said ' * 30}")
    assert max(len(line) for line in text.splitlines() if not line.startswith("https")) <= 72
    assert long_link in text.splitlines()
    assert [line[:2] for line in text.split("\n\n")[1].splitlines()] == ["- ", "  ", "  ", "- "]
    assert {line[:2] for line in text.split("\n\n")[3].splitlines()} == {"> "}


def test_two_notifications_cannot_share_a_name() -> None:
    def paused(*_: object) -> list[EmailDraft]:
        return []

    with pytest.raises(ValueError, match="two notifications are called paused"):
        notification(stage="lifecycle", on=EventName.CAMPAIGN_PAUSED, sample={})(paused)


def _sentences(text: str) -> list[str]:
    plain = re.sub(r"(?m)^(- |> ?|--$)|https?://\S+", "", text)
    paragraphs = [_squeezed(paragraph) for paragraph in plain.split("\n\n")]
    return [sentence for paragraph in paragraphs for sentence in re.split(r"(?<=[.:?!]) ", paragraph) if _squeezed(sentence)]


def _squeezed(text: str) -> str:
    """Words alone: the column of a table is set off in HTML and by a colon in text."""
    return re.sub(r"[\s:]+", " ", text).strip()

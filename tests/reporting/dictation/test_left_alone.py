"""A dictation that a typist took and left alone comes back to its author, or goes to another typist."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from reporting.dictation.actions import claim_clip, put_back, type_clip
from reporting.dictation.record import Clip
from ris.accounts.models import Membership, User
from ris.audit.models import AuditEvent
from ris.core.errors import NotPermitted, TransitionError
from ris.notifications.models import Message
from tests.reporting.dictation.conftest import browser
from tests.reporting.dictation.test_dictation import fresh
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]
TYPED = "No effusion.\nNo pneumothorax."


@pytest.fixture
def second(world: World) -> User:
    other = User.objects.create(username="second", display_name="Sue Second")
    Membership.objects.create(user=other, site=world.north, role="typist")
    return other


def claimed_before(clip: Clip, **ago: float) -> None:
    Clip.objects.filter(pk=clip.pk).update(claimed_at=timezone.now() - timedelta(**ago))


def said_to(user: User) -> list[str]:
    return list(
        Message.objects.filter(recipient=user, key__startswith="dictation-taken").values_list("text", flat=True)
    )


def test_the_author_takes_it_back_on_the_pane_and_its_typist_is_told(world: World, clip: Clip) -> None:
    claim_clip(clip, by=world.typist)
    author = browser(world.radiologist)
    pane = author.get(f"/reports/{clip.report_id}/dictations/").content.decode()
    assert f"/reports/dictations/{clip.pk}/take-back/" in pane
    assert world.typist.display in pane
    answer = author.post(f"/reports/dictations/{clip.pk}/take-back/")
    assert (answer.status_code, "take-back" in answer.content.decode()) == (200, False)
    assert (fresh(clip).state, fresh(clip).typist_id) == ("recorded", None)
    assert AuditEvent.objects.get(action="dictation.put-back").detail["taken_from"] == "typist"
    assert said_to(world.typist) == [f"{world.radiologist.display} took back the dictation that you had taken to type."]


def test_another_reader_takes_nothing_back(world: World, clip: Clip) -> None:
    claim_clip(clip, by=world.typist)
    assert browser(world.resident).post(f"/reports/dictations/{clip.pk}/take-back/").status_code == 403
    assert fresh(clip).typist_id == world.typist.pk


def test_another_typist_takes_it_over_after_its_time_and_not_before(world: World, clip: Clip, second: User) -> None:
    claim_clip(clip, by=world.typist)
    claimed_before(clip, hours=1, minutes=59)
    page = f"/reports/dictations/{clip.pk}/"
    assert "Take it over" not in browser(second).get(page).content.decode()
    with pytest.raises(TransitionError, match=r"Tina Typist is typing"):
        claim_clip(clip, by=second)
    claimed_before(clip, hours=2)
    assert "Take it over" in browser(second).get(page).content.decode()
    assert browser(second).post(f"{page}claim/").status_code == 302
    assert fresh(clip).typist_id == second.pk
    assert said_to(world.typist) == ["Sue Second took over the dictation that you had taken to type."]
    row = AuditEvent.objects.filter(action="dictation.claimed").latest("pk")
    assert row.detail["taken_from"] == "typist"


@pytest.mark.parametrize("how", ["left the house", "types no more"])
def test_one_whose_typist_may_type_here_no_more_is_free_at_once(
    world: World, clip: Clip, second: User, how: str
) -> None:
    claim_clip(clip, by=world.typist)
    if how == "left the house":
        User.objects.filter(pk=world.typist.pk).update(is_active=False)
    else:
        Membership.objects.filter(user=world.typist).delete()
    claim_clip(clip, by=second)
    assert type_clip(fresh(clip), text=TYPED, by=second).typed_by == "Sue Second"


def test_who_comes_back_too_late_gets_their_own_words_and_nothing_of_the_patient(
    world: World, clip: Clip, second: User
) -> None:
    first, page = browser(world.typist), f"/reports/dictations/{clip.pk}/"
    claim_clip(clip, by=world.typist)
    claimed_before(clip, hours=3)
    claim_clip(clip, by=second)
    with pytest.raises(NotPermitted):
        type_clip(clip, text=TYPED, by=world.typist)
    taken = first.post(page, {"text": TYPED})
    type_clip(fresh(clip), text="Mine.", by=second)
    gone = first.post(page, {"text": TYPED})
    for answer, why in ((taken, "Somebody else is typing"), (gone, "does not wait any more")):
        shown = answer.content.decode()
        assert answer.status_code == 409
        assert TYPED in shown
        assert why in shown
        assert "Møller" not in shown
    assert AuditEvent.objects.filter(outcome="refused", actor_id=str(world.typist.pk)).count() == 1
    assert TYPED not in fresh(clip.report).content["sections"]["findings"]
    outside = browser(world.outsider)
    Membership.objects.create(user=world.outsider, site=world.south, role="typist")
    assert outside.post(page, {"text": TYPED}).status_code == 404


def test_what_was_put_back_by_its_own_typist_tells_nobody(world: World, clip: Clip) -> None:
    claim_clip(clip, by=world.typist)
    put_back(clip, by=world.typist)
    assert said_to(world.typist) == []

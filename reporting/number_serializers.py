"""Measured fields of a draft as the API writes them: what fills each, what else could, what was measured before."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ris.accounts.api_bodies import Strict

LONGEST_KEY = 64
LONGEST_IDENTITY = 64


class MeasuredSerializer(serializers.Serializer[Any]):
    """A measurement. `doubts` say in words why it is not to be trusted as it stands."""

    measurement = serializers.CharField(source="identity")
    about = serializers.CharField(allow_blank=True)
    value = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    measured = serializers.CharField(help_text="By the clock of the site.")
    observer = serializers.CharField(allow_blank=True)
    doubts = serializers.ListField(child=serializers.CharField())


class NumberCandidateSerializer(MeasuredSerializer):
    """One that could stand in the field. `why`: why it does not, or what was done to it."""

    why = serializers.CharField(allow_blank=True)
    choosable = serializers.BooleanField()
    is_held = serializers.BooleanField()


class CounterpartSerializer(serializers.Serializer[Any]):
    """An earlier number that may be of the same lesion."""

    measurement = serializers.CharField()
    written = serializers.CharField()
    day = serializers.CharField()
    about = serializers.CharField(allow_blank=True)
    reasons = serializers.CharField(allow_blank=True)


class MarkSerializer(serializers.Serializer[Any]):
    """What happened to a number since the writer looked."""

    kind = serializers.CharField()
    was = serializers.CharField(allow_blank=True)


class NumberSerializer(serializers.Serializer[Any]):
    """A measured field. `value` is empty while nothing fills it."""

    field = serializers.CharField(source="key")
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True)
    observer = serializers.CharField(allow_blank=True)
    typed = serializers.BooleanField()
    removed = serializers.BooleanField()
    candidates = NumberCandidateSerializer(many=True)
    counterparts = CounterpartSerializer(many=True)
    no_prior = serializers.BooleanField(help_text="The reader said that no earlier number is of the same lesion.")
    mark = MarkSerializer(allow_null=True)


class NumbersSerializer(serializers.Serializer[Any]):
    """The measured fields of a report. `version` changes with what a signature would answer for."""

    version = serializers.CharField(source="numbers_version")
    writable = serializers.BooleanField()
    fields = NumberSerializer(many=True)  # type: ignore[assignment]
    measurements = MeasuredSerializer(many=True)


class FieldBody(Strict):
    """A field by its key in the template."""

    field = serializers.CharField(max_length=LONGEST_KEY)


class ChooseNumberBody(FieldBody):
    measurement = serializers.CharField(
        max_length=LONGEST_IDENTITY, allow_blank=True, help_text="Of its `candidates`; empty: the best one again."
    )


class CompareNumberBody(FieldBody):
    earlier = serializers.CharField(
        max_length=LONGEST_IDENTITY, allow_blank=True,
        help_text="Of its `counterparts`; none: there is none; empty: matched by themselves again.",
    )  # fmt: skip


class DoubtSerializer(serializers.Serializer[Any]):
    """What should be looked at again. A `stop` hinders a signature, a `warn` is answered by who signs."""

    key = serializers.CharField(help_text="The same for the same words under the same rule.")
    level = serializers.ChoiceField([("stop", "Hinders a signature"), ("warn", "Asks to look again")])
    rule = serializers.CharField(source="doubt.rule")
    section = serializers.CharField(source="doubt.section")
    quote = serializers.CharField(source="doubt.quote", allow_blank=True)
    words = serializers.CharField(source="doubt.words")


class PreviousSectionSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    text = serializers.CharField(allow_blank=True)


class PreviousSerializer(serializers.Serializer[Any]):
    """An earlier report of the same person. `source`: what stands before a copied section."""

    report = serializers.IntegerField(source="version.report_id")
    version = serializers.IntegerField(source="version.pk")
    exam = serializers.CharField(source="exam.name")
    day = serializers.DateField(source="exam.day", allow_null=True)
    is_relevant = serializers.BooleanField(source="exam.is_relevant")
    source = serializers.CharField()  # type: ignore[assignment]
    sections = PreviousSectionSerializer(many=True)


class PieceSerializer(serializers.Serializer[Any]):
    """A stretch of text: same, gone (of the saved) or new (of the page)."""

    kind = serializers.CharField()
    text = serializers.CharField()


class TextPairSerializer(serializers.Serializer[Any]):
    """A text that is another one in the two. `joined`: both, to begin with."""

    key = serializers.CharField()
    title = serializers.CharField()
    mine = serializers.CharField(allow_blank=True)
    saved = serializers.CharField(allow_blank=True)
    joined = serializers.CharField(allow_blank=True)
    pieces = PieceSerializer(many=True)


class FieldPairSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    mine = serializers.CharField(allow_blank=True)
    saved = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True)


class TickSerializer(serializers.Serializer[Any]):
    """What is chosen in one of the two: `of` is left_out or key_images, `saved` whether it is in the saved one."""

    of = serializers.CharField(source="name")
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    saved = serializers.BooleanField()


class BothSerializer(serializers.Serializer[Any]):
    """Where what you have and what is saved differ, with the revision that a join of both is saved with."""

    revision = serializers.IntegerField()
    texts = TextPairSerializer(many=True)
    fields = FieldPairSerializer(many=True)  # type: ignore[assignment]


class AmendmentBothSerializer(BothSerializer):
    ticks = TickSerializer(many=True)

"""What a correction may take out: measured numbers, with all that was computed from them, key images, addenda. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reporting.render.words import ENGLISH, Words
from reporting.templates.fields import MEASURED, Spec, written
from reporting.templates.units import printed

Content = Mapping[str, Any]
WHERE = ("site", "laterality", "image")


@dataclass(frozen=True, slots=True)
class Row:
    """`key` names it in an answer; its `label` may, where no other row has that; `name` and `number` are for people."""

    key: str
    label: str
    name: str
    number: str = ""

    @property
    def words(self) -> str:
        return f"{self.name}: {self.number}" if self.number else self.name


def droppable(content: Content, labels: Words = ENGLISH) -> list[Row]:
    """What a writer can say of that it does not hold; named in the language of the labels."""
    images = (_key_image(one, labels) for one in content.get("key_images", []))
    return [*_numbers(content), *images, *(_addendum(one, labels) for one in content.get("addenda", []))]


def meant(content: Content, names: Collection[str]) -> list[str]:
    """The keys that are meant by keys or labels; what means nothing here, or two things, comes back as it is."""
    rows = droppable(content)
    keys = {row.key for row in rows}
    by_label = {name: [row.key for row in rows if row.label == name] for name in names if name not in keys}
    found = [by_label[name][0] if len(by_label.get(name, [])) == 1 else name for name in names]
    return list(dict.fromkeys(found))


def unknown(content: Content, names: Collection[str]) -> list[str]:
    keys = {row.key for row in droppable(content)}
    return [name for name in meant(content, names) if name not in keys]


def going(content: Content, specs: Sequence[Spec], names: Collection[str]) -> set[str]:
    """The keys of what goes: what was named, and every computed field that leans on it, however far."""
    keys = {row.key for row in droppable(content)}
    gone = keys & set(meant(content, names))
    return gone | leaning(specs, gone)


def leaning(specs: Sequence[Spec], keys: Collection[str]) -> set[str]:
    """The keys of the computed fields that lean on these, however far."""
    found: set[str] = set()
    while more := {spec["key"] for spec in specs if (found | set(keys)) & _inputs(spec)} - found:
        found |= more
    return found


def without(
    content: Content, gone: Collection[str], replaced: Collection[str] = (), labels: Words = ENGLISH
) -> dict[str, Any]:
    """What the version says, but for that and for the fields that get another value; `taken_out` names the former
    without their numbers.

    Of an image on which such a number was measured nothing is drawn: the drawing has the number beside it.
    """
    off = {*gone, *replaced}
    images = {one.get("image_sop_uid") for one in content["measurements"] if one["key"] in off} - {"", None}
    shown = [one for one in content.get("key_images", []) if _key_image(one).key not in gone]
    key_images = [_undrawn(one) if one["sop_uid"] in images else one for one in shown]
    addenda = [one for one in content.get("addenda", []) if _addendum(one).key not in gone]
    lost = named(content, gone, labels)
    return {
        "sections": [_section_without(section, off) for section in content["sections"]],
        "measurements": [one for one in content["measurements"] if one["key"] not in off],
        **({"key_images": key_images} if key_images else {}),
        **({"addenda": addenda} if addenda else {}),
        **({"taken_out": lost} if lost else {}),
    }


def _numbers(content: Content) -> Iterator[Row]:
    measured = {one["key"]: one for one in content["measurements"]}
    for section in content["sections"]:
        for field in section.get("fields", []):
            item = measured.pop(field["key"], {})
            if item or field.get("kind") == MEASURED:
                yield _row(item or field, item, field["text"], section["title"])
    for item in measured.values():
        number = f"{written(item['value'], item.get('decimals'))} {printed(item['unit'])}".strip()
        yield _row(item, item, number)


def _row(named: Content, measured: Content, number: str, *places: str) -> Row:
    """With what tells left from right: two fields may have one label."""
    about = [*places, *(str(measured.get(name) or "") for name in WHERE)]
    return Row(named["key"], named["label"], _name(named, *about), number)


def _name(named: Content, *about: str) -> str:
    label = str(named.get("full_label") or named["label"])
    more = dict.fromkeys(part for part in about if part and part.casefold() not in label.casefold())
    return f"{label} ({', '.join(more)})" if more else label


def _addendum(one: Mapping[str, Any], labels: Words = ENGLISH) -> Row:
    """Its key is none that a field can have; its label is what a program calls it."""
    name = f"{labels.addendum} {one['number']}, {one['signer']}, {one['signed_at'][:10]}"
    return Row(f"addendum:{one['number']}", f"Addendum {one['number']}", name)


def image_key(sop_uid: str, frame: int) -> str:
    return f"key-image:{sop_uid}:{frame}"


def image_words(place: str, label: str, labels: Words = ENGLISH) -> str:
    return ": ".join(part for part in (labels.key_image, labels.place(place), label) if part)


def _key_image(one: Mapping[str, Any], labels: Words = ENGLISH) -> Row:
    """Two may stand at one place: only the key names it."""
    key = image_key(one["sop_uid"], one.get("frame", 0))
    return Row(key, key, image_words(one["place"], one.get("label", ""), labels))


def _inputs(spec: Spec) -> set[str]:
    return set((spec.get("compute") or {}).get("inputs", {}).values())


def named(content: Content, gone: Collection[str], labels: Words = ENGLISH) -> list[str]:
    """In words, with the computed fields that had a value."""
    found = {row.key: row.name for row in droppable(content, labels) if row.key in gone}
    for section in content["sections"]:
        for field in section.get("fields", []):
            if field["key"] in gone and field["key"] not in found:
                found[field["key"]] = _name(field, section["title"])
    return list(found.values())


def _section_without(section: Mapping[str, Any], gone: Collection[str]) -> dict[str, Any]:
    fields = [field for field in section.get("fields", []) if field["key"] not in gone]
    bare = {name: value for name, value in section.items() if name != "fields"}
    return bare | ({"fields": fields} if fields else {})


def _undrawn(image: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in image.items() if name not in ("drawn", "size")}

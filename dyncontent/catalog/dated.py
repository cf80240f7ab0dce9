"""Documents that know when the control plane last said what of them.

Events tell of a fact with the instant that it is true of. So that a late one never undoes what was
said after it, a document keeps when each of its fields was written last.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from dyncontent.catalog.model import Definition

ALL = ""
"""Stands for every field of a document but what people bought."""
PURCHASES = "purchases."
MOST_ATTRIBUTES = 400


def _of_the_store_alone(value: Any, info: ValidationInfo) -> Any:
    if info.context is not None:
        raise PydanticCustomError("extra_forbidden", "Extra inputs are not permitted")
    return value


AsOf = Annotated[SkipJsonSchema[dict[str, int]], BeforeValidator(_of_the_store_alone)]


class Dated(Definition):
    """`as_of` tells when fields were written by the control plane: milliseconds since the epoch by
    the field's name, `attributes.NAME` for an attribute, `purchases.ID` for a purchase, ALL for a
    whole document. Clients neither write nor read it: it is refused where there is a context, in
    which all that they send is validated."""

    as_of: AsOf = Field(default_factory=dict)

    @property
    def told(self) -> Self:
        return self.model_copy(update={"as_of": {}}) if self.as_of else self

    def written(
        self, at: int, fields: Iterable[str] = (ALL,), before: "Dated | None" = None
    ) -> Self:
        """The same, with these fields said at an instant and the others as in `before`, or here."""
        as_of = dict((before or self).as_of)
        for name in fields:
            if name == ALL:
                as_of = put_dates(as_of, at)
                continue
            as_of[name] = max(at, as_of[name] + 1) if name in as_of else at
        return self.model_copy(update={"as_of": _bounded(as_of)})

    def said_at(self, field: str) -> int | None:
        """When the control plane last wrote a field; None if it never did."""
        names = [field] if _is_purchase(field) else [field, field.partition(".")[0], ALL]
        known = [self.as_of[name] for name in names if name in self.as_of]
        return max(known, default=None)


def put_dates(as_of: Mapping[str, int], at: int) -> dict[str, int]:
    """The dates of a document that is put as a whole, after those that it had."""
    dates = {name: then for name, then in as_of.items() if _is_purchase(name)}
    dates[ALL] = at
    return dates


def _bounded(as_of: dict[str, int]) -> dict[str, int]:
    """With fewer dates of single attributes, if there are very many: the latest of those that are
    dropped counts for all attributes."""
    added = sorted((at, name) for name, at in as_of.items() if "." in name)
    added = [(at, name) for at, name in added if not _is_purchase(name)]
    if len(added) <= MOST_ATTRIBUTES:
        return as_of
    for at, name in added[: len(added) // 2]:
        del as_of[name]
        group = name.partition(".")[0]
        as_of[group] = max(at, as_of.get(group, at))
    return as_of


def _is_purchase(field: str) -> bool:
    return field.startswith(PURCHASES)


def changed_fields(before: Dated | None, after: Dated, group: str) -> list[str]:
    """The fields that differ; of `group`, the attributes, each by itself."""
    start = type(after).model_construct() if before is None else before
    fields = [
        field.alias or name
        for name, field in type(after).model_fields.items()
        if name not in (group, "as_of") and getattr(after, name) != getattr(start, name, None)
    ]
    old, new = getattr(start, group), getattr(after, group)
    fields += (f"{group}.{name}" for name in old | new if old.get(name) != new.get(name))
    return fields


def said_fields(patch: Mapping[str, Any], known: Iterable[str], group: str) -> list[str]:
    """The `known` fields of which a merge patch speaks; of `group`, the attributes, each by
    itself."""
    fields: list[str] = []
    for name in known:
        if name == group and isinstance(patch.get(name), Mapping):
            fields += (f"{group}.{attribute}" for attribute in patch[name])
        elif name in patch:
            fields.append(name)
    return fields

"""Product exports of Shopify: a row a variant, of which only the first has what all have in common,
and rows that only add a picture.

Source: Shopify's help, "Using CSV files to import and export products".
"""

from collections.abc import Iterator, Mapping

from dyncontent.feeds.columns import is_shopify, plain
from dyncontent.feeds.rows import Broken, Cell, Row

_TRACKER, _QUANTITY = "variant_inventory_tracker", "variant_inventory_qty"
_OWN = ("variant", "option", "image")
"""How the names of columns begin that a variant does not share with the first."""


def variants(rows: Iterator[Row | Broken]) -> Iterator[Row | Broken]:
    """Rows of another table as they are; of such an export each variant with all that is known of
    it. Of a stock that Shopify does not track, for which the export has a zero, nothing is known
    but that it can be bought."""
    handle, common = "", dict[str, Cell]()
    for row in rows:
        if isinstance(row, Broken):
            yield row
            continue
        names = {plain(name): name for name in row.values}
        if not is_shopify(names):
            yield row
            yield from rows
            return
        here = _text(row.values, names, "handle")
        if not here or here != handle:
            handle, common = here, dict(row.values)
        if handle and not _text(row.values, names, "variant_price"):
            continue
        whole = {
            name: value if value or plain(name).startswith(_OWN) else common[name]
            for name, value in row.values.items()
        }
        if (tracker := names.get(_TRACKER)) is not None:
            is_tracked = bool(_text(row.values, names, _TRACKER))
            whole[tracker] = "" if is_tracked else "in stock"
            if not is_tracked and _QUANTITY in names:
                whole[names[_QUANTITY]] = ""
        yield Row(row.line, whole)


def _text(values: Mapping[str, Cell], names: Mapping[str, str], name: str) -> str:
    value = values.get(names.get(name, ""), "")
    return value.strip() if isinstance(value, str) else ""

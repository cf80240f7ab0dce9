"""Texts, as they are drawn.

`look` is how letters look and which font draws which; `breaks` where lines may break; `order` how
a line reads that goes from right to left; `fit` sets a text in its box; `draw` draws it.
"""

"""The layers of a canvas: of each kind what a designer writes of it, and how it is painted."""

"""What is measured beside us: programs that others wrote, or that one would write instead."""


class MissingError(Exception):
    """What these programs need is not there; its text says what, in one line."""

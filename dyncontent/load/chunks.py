"""A body that was sent in chunks."""


def unchunked(data: bytes) -> bytes | None:
    """The body; None if it is not all there yet.

    Raises ValueError for what are no chunks, and for what stands behind the last, trailers too.
    """
    parts: list[bytes] = []
    at = 0
    while (end := data.find(b"\r\n", at)) >= 0:
        size = int(data[at:end].partition(b";")[0], 16)
        begin = end + 2
        at = begin + size + 2
        if size < 0:
            raise ValueError("a chunk has a size")
        if size == 0:
            if len(data) > at:
                raise ValueError("something stands behind the last chunk")
            return b"".join(parts) if data[begin:] == b"\r\n" else None
        if len(data) >= at and data[at - 2 : at] != b"\r\n":
            raise ValueError("a chunk ends with its line")
        parts.append(data[begin : at - 2])
    return None

"""What can go wrong on the way of an open, as the detail of the reason ERROR."""

from enum import StrEnum


class Fault(StrEnum):
    BAD_URL = "BAD_URL"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    TAG_UNRENDERED = "TAG_UNRENDERED"
    RECIPIENT_MISSING = "RECIPIENT_MISSING"
    BLOCK_UNKNOWN = "BLOCK_UNKNOWN"
    STORE_DOWN = "STORE_DOWN"
    STORE_TIMEOUT = "STORE_TIMEOUT"
    DECISION_FAILED = "DECISION_FAILED"
    RENDER_FAILED = "RENDER_FAILED"
    RENDER_TIMEOUT = "RENDER_TIMEOUT"
    RECORD_FAILED = "RECORD_FAILED"
    RECORD_TIMEOUT = "RECORD_TIMEOUT"
    INTERNAL = "INTERNAL"


class DeliveryError(Exception):
    """A step failed: the fallback is served, and `fault` says which step it was."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault

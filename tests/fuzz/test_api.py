"""What the API says of itself is true: schemathesis looks for requests of which it is not."""

import os
from pathlib import Path

from tests.fuzz.described import Document, findings
from tests.processes import running_demo

FEW = 5
"""Examples of each operation, but for `make fuzz-api`."""

UPLOADS = ["post_assets", "post_fonts", "post_feed_import", "post_feed_preview"]
MORE_THAN_A_SCHEMA_SAYS = {
    "its parts must fit each other": [
        "post_block_publish",
        "post_conditions",
        "put_block",
        "put_feed",
        "put_source",
    ],
    "its link must be on an allowed host, its picture there": ["put_product"],
    "its name must be visible, its end to come": ["post_tokens"],
    "a time zone must be one": ["post_previews", "put_recipient"],
    "nobody consents in the future": ["post_recipient_consents"],
    "a duration must be within bounds": ["put_source"],
    "what comes of the patch must be whole": [
        "patch_message",
        "patch_order",
        "patch_product",
        "patch_recipient",
    ],
    "the file must be one": UPLOADS,
}
"""Why what keeps to its schema may be refused all the same."""
TAKES_ANYTHING = [
    "post_handles_bulk",
    "post_lint",
    "post_links_bulk",
    "post_messages_bulk",
    "post_orders_bulk",
    "post_products_bulk",
    "post_recipients_bulk",
]
"""What is wrong is told of each line, or as a finding."""


def _paged(document: Document) -> list[str]:
    """Operations with a cursor, which comes from the page before and from nowhere else."""
    return [
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if any(one["name"] == "cursor" for one in operation.get("parameters", ()))
    ]


def _operations(document: Document) -> list[dict[str, object]]:
    accepted = _paged(document) + [
        name for names in MORE_THAN_A_SCHEMA_SAYS.values() for name in names
    ]
    without = {"enabled": False}
    return [
        {"include-operation-id": accepted, "checks": {"positive_data_acceptance": without}},
        {
            "include-operation-id": TAKES_ANYTHING,
            "checks": {"negative_data_rejection": without},
        },
        # Thousands of cases of one large schema, which are pydantic's own
        {"include-operation-id": "put_block", "phases": {"coverage": without}},
    ]


def test_the_api_keeps_to_its_description(tmp_path: Path) -> None:
    examples = max(FEW, int(os.environ.get("EXAMPLES", FEW)))
    with running_demo(tmp_path, DYNCONTENT_REQUESTS_PER_MINUTE="0") as demo:
        document = demo.client.get(f"{demo.base_url}/api/v1/openapi.json").json()
        found = list(
            findings(document, demo.base_url, demo.headers, examples, _operations(document))
        )
        log = demo.log.read_text()
    assert not found, "\n".join(map(str, found))
    assert "Traceback" not in log, log

"""A block as a fragment of HTML for an email or a page."""

from html import escape


def linked_picture(picture_url: str, link_url: str, alt: str, width: int, height: int) -> str:
    """A picture that is a link; its size in CSS pixels keeps Outlook from stretching it."""
    return (
        f'<a href="{escape(link_url)}" target="_blank">'
        f'<img src="{escape(picture_url)}" alt="{escape(alt)}" width="{width}" height="{height}"'
        ' border="0" style="display:block;max-width:100%;height:auto;border:0"></a>'
    )

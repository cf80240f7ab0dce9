"""Blocks in the templates of emails: snippets to paste, and a lint of what was pasted. Pure."""

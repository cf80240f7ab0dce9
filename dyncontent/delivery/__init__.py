"""The open path: one open or click, step by step."""

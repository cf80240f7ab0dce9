"""Requests of this server to others: the one guarded way out."""

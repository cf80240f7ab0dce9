"""Served by granian: opens straight from RSGI, all else through a bridge to ASGI."""

"""The demo: scenarios on the real server, loaded through the public API."""

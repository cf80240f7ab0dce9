"""Load: requests that are sent, checked and timed. It knows nothing of the server that it tries."""

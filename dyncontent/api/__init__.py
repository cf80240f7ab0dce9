"""The JSON control plane under `/api/v1`."""

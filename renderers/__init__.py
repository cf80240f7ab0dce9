"""Drawing specs and values in, bytes out. Pure: no HTTP, no store, no clock."""

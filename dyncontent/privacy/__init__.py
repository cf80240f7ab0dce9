"""What the server holds of one person: found, told, and erased."""

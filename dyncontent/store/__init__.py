"""Redis or Valkey: one door for every command, documents, and copies that are kept fresh."""

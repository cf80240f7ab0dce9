"""What a person sees, decided: facts in, decision out. Pure: no HTTP, no store, no clock."""

"""Data sources: asked on a schedule, kept with their age."""

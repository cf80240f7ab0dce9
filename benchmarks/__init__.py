"""Programs that measure a running server. No test is timed; what is measured is measured here."""

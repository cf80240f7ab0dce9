"""What may be unsafe about an installation, each finding with what to do."""

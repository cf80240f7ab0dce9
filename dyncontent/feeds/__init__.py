"""Product feeds: files of a shop that become products."""

"""A block as a fragment of HTML that mail clients keep as it is: tables and inline styles."""

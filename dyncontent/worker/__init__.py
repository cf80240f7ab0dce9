"""What is done on a schedule, by one process or several."""

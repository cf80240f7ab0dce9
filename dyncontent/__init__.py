"""Open-time personalization for email: images and links that are true when they are opened."""

"""What people own: blocks, pictures, recipients, products, messages, orders."""

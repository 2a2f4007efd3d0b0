"""Public checks: students have them."""

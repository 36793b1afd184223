"""What may be asked for, checked once."""

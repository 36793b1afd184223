"""The exact nearest rows, and the mergeable state that keeps them."""

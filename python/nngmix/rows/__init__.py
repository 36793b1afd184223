"""The one door: whatever a user has becomes rows here, by one rule."""

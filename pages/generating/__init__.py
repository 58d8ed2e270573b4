"""The rooms behind the Generate page."""

"""The rooms of the Classify page: the way in, the batch, one picture closely, what is similar to it, the search."""

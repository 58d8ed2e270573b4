"""The parts of the A/B test page: drafting a ballot, voting, owning it, reading its results."""

"""The app's pages: widgets, cached loading and plotting over einstyle_core."""

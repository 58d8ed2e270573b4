"""E_in-style: classify, attack, generate and colour 28x28 garments.

The library under the app. It never imports streamlit; pages, scripts and tests import it.
Images cross every public boundary as float32 in [0, 1], shaped ``N x 1 x 28 x 28``; epsilon is in the
same unit.
"""

__version__ = "0.1.0"

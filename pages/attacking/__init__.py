"""What only the Robustness page needs: its picture, its sweeps, its words, what was measured, what is taken away."""

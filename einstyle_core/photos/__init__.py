"""How the photo model learns: the photographs, what is none of the ten, its augmentation and its training.

The network itself, and asking it, are in :mod:`einstyle_core.classifiers.photo`.
"""

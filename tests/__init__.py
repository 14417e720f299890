"""The tests; a package of its own, as IPython 7 has one of the same name on the path."""

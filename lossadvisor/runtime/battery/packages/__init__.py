"""Losses of other packages in the battery: the installed package is run, else the formula of its contract."""

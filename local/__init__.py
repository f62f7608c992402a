"""The embedded AWS for development: the whole product on one machine, with nothing to install."""

"""Which clips and pictures look alike, from stills and vectors that are made once."""

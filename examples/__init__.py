"""Small scripts that a reader can run; the tests run them too."""

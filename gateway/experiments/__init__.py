"""Experiments: what a gateway should do beside what it did."""

"""Measurements: ``python -m benchmarks`` runs the programs as they are and prints figures as JSON."""

"""Grades Lab 6 (convolutions and CNNs); see README.md."""

__version__ = "0.1.0"

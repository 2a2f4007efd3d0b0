"""Probes, checks and known mistakes of this lab."""

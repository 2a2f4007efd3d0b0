"""Lab 6, convolutions and CNNs: its probes, checks and known mistakes."""

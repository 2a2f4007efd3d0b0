"""Probes run beside student code and bring plain values back. They know no answer; they import torch alone."""

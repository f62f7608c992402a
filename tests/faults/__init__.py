"""What becomes of the product when AWS stumbles: `python -m tests.faults`."""

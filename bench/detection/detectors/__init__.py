"""The detectors that are compared: each takes an account's records and gives the cards it would have sent."""

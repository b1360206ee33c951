"""How well anomalies are found: a simulated world, the detectors side by side, and what counts as found."""

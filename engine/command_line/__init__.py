"""What people type behind ``/dd0c``, made into values: words, options, spans, sums of money, moments."""

"""Cost Explorer, through the customer's role."""

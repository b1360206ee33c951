"""What an account holds and how much of it is used, asked through its role: nothing here changes anything."""

"""The pages of who is signed in: each a handler, a pure function that makes what it shows, and a template."""

"""What `make check` refuses besides what linters see: each gate is a pure function here and a test that applies it."""

"""What ``dd0c doctor`` looks at, a module for each thing the bot needs from outside.

A look gives what is there in words, or raises: ``Sick`` with what is wrong and what to do, or an error of
``engine.errors``, behind which the doctor puts its advice.
"""

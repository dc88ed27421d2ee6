"""Answers to the exercises, one module a chapter."""

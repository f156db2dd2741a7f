"""Closing, netting and stating a window of many exchanges among many brands."""

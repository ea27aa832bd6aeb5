"""Helpers of the assists."""

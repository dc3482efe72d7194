"""Comparison of two scans."""

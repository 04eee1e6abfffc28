"""Tests of estimates and cost differences."""

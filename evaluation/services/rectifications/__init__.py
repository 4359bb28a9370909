"""Findings and rectifications: every act of their way."""

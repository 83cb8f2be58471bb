"""Room evidence."""

__all__ = []

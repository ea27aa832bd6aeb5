"""Output formats of ``loopwise check``: one file, one format."""

__all__ = ["diff", "github", "json", "junit", "rich", "sarif", "statistics", "text"]

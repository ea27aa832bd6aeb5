"""What the code means: bindings, values, context, other modules.  No module here knows an editor."""

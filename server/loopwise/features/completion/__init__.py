"""What completion is made of: where the cursor is, and one file for each kind of thing that can be offered there."""

"""``loopwise graph``: what runs when, from the entry points down."""

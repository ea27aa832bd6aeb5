"""``python -m loopwise``: the command."""

from loopwise.cli.main import main

raise SystemExit(main())

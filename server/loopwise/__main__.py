from loopwise.cli.main import main

raise SystemExit(main())

"""Places of completion in real projects, and how often what was written there is offered first."""

"""The door of a node: what every face over HTTP shares. Who asks, how long a body may be, how a line may behave."""

"""Who may come in and what they may do: people, signing in, recovery, rights."""

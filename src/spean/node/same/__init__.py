"""The same one? What this node knows of persons and things, judged by people; and questions about it."""

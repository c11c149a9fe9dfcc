"""What leaves: acts of officers and of the node itself, with everything that is judged before and follows after."""

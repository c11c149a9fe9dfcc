"""What people see: reading, search, registers, hand-over, audit. Every look at contents is written down."""

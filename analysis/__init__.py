"""What a flash sale says of demand, capacity and margin. README.md says how to use it; each module's first line what it does."""

"""Claims: influences that one side states and the other confirms or disputes."""

"""What a flow would do in the days to come, if nothing were changed."""

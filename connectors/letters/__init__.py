"""Letters and their keys, as providers that make the message themselves carry them."""

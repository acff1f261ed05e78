"""HTTP: webhooks in, unsubscribe links, health. Works whatever is switched off."""

"""New recordings from old ones: regenerated from their inputs, cut to what concerns an entity, redacted."""

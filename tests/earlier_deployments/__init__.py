"""Archives of deployments that earlier commits made; the present code must continue with each of them."""

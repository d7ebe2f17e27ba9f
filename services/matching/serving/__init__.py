"""Those who serve: asked, coming and going, their hours."""

"""Every message of microgov, for the services and for every program outside that speaks to them; needs pydantic alone."""

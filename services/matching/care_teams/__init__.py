"""Care teams 128联户: a party member, a dasao and a landlord care for up to eight households (domain.md §3.2)."""

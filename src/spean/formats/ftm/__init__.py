"""FollowTheMoney: entities as JSON, one a line (followthemoney.tech), read and written without that model's package."""

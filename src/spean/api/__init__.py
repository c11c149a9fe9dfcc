"""HTTP faces: REST for officers, routes for partners."""

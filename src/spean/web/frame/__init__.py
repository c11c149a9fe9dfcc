"""Behind every page: letting in, running handlers, rendering, what stays live, errors as pages."""

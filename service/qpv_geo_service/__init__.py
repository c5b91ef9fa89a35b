"""The HTTP service and the staff page of qpv-geo."""

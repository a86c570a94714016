"""Where runs are read from: connections, the ambient one, and the local library of finished runs."""

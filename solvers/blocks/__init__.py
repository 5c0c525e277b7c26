"""Large campaigns in blocks: construct, search, name, seat."""

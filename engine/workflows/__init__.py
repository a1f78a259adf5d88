"""The use cases: ports in, ids out. Refuses to know any library, server or screen."""

"""The pure core: values in, values out.

Nothing here knows AWS or HTTP, and nothing takes a clock, an id or a random number of its own:
they are handed in, so the same input always gives the same output.
"""

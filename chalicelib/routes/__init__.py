"""The doors: the API by resource, the pages, and the workers on schedule, queue and stream."""

"""The use cases, one function each: report, analyse, review, publish, recommend, record."""

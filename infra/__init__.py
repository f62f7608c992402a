"""What runs on AWS besides the code, and how the code is packaged for it."""

"""State: DynamoDB tables through PynamoDB, objects in S3, the queue, and the accounts."""

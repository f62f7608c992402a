"""The stage that a command works on."""

import os

import boto3
from botocore.exceptions import BotoCoreError, ClientError


def enter(stage: str) -> None:
    """Have this process find a stage's resources by the names that the template gives them.

    It must come before anything of `chalicelib.store` is imported, where the tables' names depend
    on the stage. What the environment already says of the bucket or the signing key, stays.

    Raises:
        SystemExit: AWS cannot be asked whose account it is, for want of credentials for instance.
    """
    os.environ["PRECEDENT_STAGE"] = stage
    os.environ.setdefault("PRECEDENT_SECRET", f"precedent-{stage}-signing-key")
    if "PRECEDENT_BUCKET" not in os.environ:
        try:
            account = boto3.client("sts").get_caller_identity()["Account"]
        except (BotoCoreError, ClientError) as error:
            raise SystemExit(f"AWS cannot be asked: {error}") from None
        os.environ["PRECEDENT_BUCKET"] = f"precedent-{stage}-{account}"

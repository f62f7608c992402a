"""What the commands for operators say where they cannot do what they are asked."""

import pytest

from infra import expand, stage


def test_without_credentials_a_command_says_so_in_a_line(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "PRECEDENT_BUCKET"):
        monkeypatch.delenv(name, raising=False)
    for name in ("PRECEDENT_STAGE", "PRECEDENT_SECRET"):
        monkeypatch.setenv(name, "as-it-was")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(SystemExit, match="Unable to locate credentials"):
        stage.enter("prod")


def test_what_was_not_packaged_cannot_be_expanded(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.argv", ["expand", str(tmp_path)])
    with pytest.raises(SystemExit, match="make package"):
        expand.main()

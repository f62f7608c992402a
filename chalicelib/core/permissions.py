"""What somebody needs to be let do for the steps of a playbook to work."""

import re
from collections.abc import Iterable

from chalicelib.core.commands import program_of

#: By the program that is run; programs that anybody may run are not here.
_OF_PROGRAMS = {
    "kubectl oc helm argocd istioctl velero virtctl": "{} access to the cluster",
    "docker docker-compose": "access to the Docker daemon",
    "aws": "AWS credentials",
    "gcloud gsutil": "Google Cloud credentials",
    "az": "Azure credentials",
    "psql pg_dump pg_restore pg_repack vacuumdb": "a login to PostgreSQL",
    "mysql mysqldump mysqladmin": "a login to MySQL",
    "mongo mongosh": "a login to MongoDB",
    "redis-cli valkey-cli": "access to Redis",
    "rabbitmqctl rabbitmq-diagnostics": "the right to manage RabbitMQ",
    "etcdctl": "access to etcd",
    "ceph rados rbd": "access to the Ceph cluster",
    "vault": "a token of Vault",
    "terraform tofu": "access to the Terraform state",
    "git": "push access to the repository",
    "ssh scp": "a login to the host",
}
_NEEDED = {
    program: said.format(program)
    for programs, said in _OF_PROGRAMS.items()
    for program in programs.split()
}
_ON_THE_HOST = "sudo on the host"
_PARTS = re.compile(r"\|\||&&|[|;\n]")
_SUDO = re.compile(r"(?:^|[\s(])(?:sudo|doas)\s")


def permissions_of(commands: Iterable[str]) -> list[str]:
    """What these commands need, by the programs in them, sorted."""
    needed = set()
    for command in commands:
        needed |= {_NEEDED.get(program_of(part), "") for part in _PARTS.split(command)}
        if _SUDO.search(command):
            needed.add(_ON_THE_HOST)
    return sorted(needed - {""})


def programs_of(permission: str) -> set[str]:
    """The programs that one who has the permission may run; none where it is not one of ours."""
    if permission == _ON_THE_HOST:
        return {"sudo", "doas"}
    return {program for program, needed in _NEEDED.items() if needed == permission}

"""What the commands of a playbook need."""

from chalicelib.core.permissions import permissions_of


def test_each_program_of_a_pipeline_needs_its_own():
    assert permissions_of(
        ["kubectl get pods | xargs -n1 echo", "sudo -u x psql -c 'select 1'"]
    ) == [
        "a login to PostgreSQL",
        "kubectl access to the cluster",
        "sudo on the host",
    ]
    assert permissions_of(["df -h | tail", "echo sudo"]) == []

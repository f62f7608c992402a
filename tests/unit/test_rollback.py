"""What undoes a command."""

import pytest

from chalicelib.core.playbooks import Step
from chalicelib.core.rollback import rollback_hint


def _hint(command: str) -> str | None:
    return rollback_hint(Step(id="s", name="S", action="shell", args={"command": command}), command)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sudo systemctl stop nginx", "`sudo systemctl start nginx`"),
        ("systemctl start stop-gap.service", "`systemctl stop stop-gap.service`"),
        ("service nginx start", "`service nginx stop`"),
        ("docker stop web-1", "`docker start web-1`"),
        ("kubectl cordon node-3", "`kubectl uncordon node-3`"),
        ("kubectl -n shop scale deploy/api --replicas=5", "number of replicas first"),
        ("kubectl -n ${ns} scale deploy/api --replicas=5", "number of replicas first"),
        ("kubectl rollout restart deploy/api -n shop", "`kubectl rollout undo`"),
        ("kubectl rollout pause deploy/api", "`kubectl rollout resume deploy/api`"),
        ("kubectl delete pod api-1 -n shop", "controller makes a pod anew"),
        ("kubectl delete pvc data-0", "without the data"),
        ("kubectl drain node-3 --ignore-daemonsets", "uncordon"),
        ("helm rollback api 4", "helm history"),
        ("helm upgrade api ./chart", "helm rollback"),
        ("rm -rf /var/log/old", "Nothing brings it back: take a backup"),
        ("psql -c 'DELETE FROM jobs'", "backup"),
        ("sudo sed -i s/a/b/ /etc/app.conf", "copy of the file"),
        ("sudo systemctl restart postgresql", "cannot be taken back"),
        ("sudo nginx -t && sudo systemctl reload nginx", "reload again"),
        ("docker system prune --all --force", "volumes are gone"),
        ("curl -XPOST localhost:9200/_cache/clear", "fills again"),
        ("sudo logrotate -f /etc/logrotate.conf", "rotated logs stay"),
        ("sudo certbot renew --cert-name a.example", "/etc/letsencrypt/archive"),
        ("kill -9 4711", "not written is lost"),
        ("sysctl -w vm.swappiness=10", "value in force"),
        ("redis-cli FLUSHALL", "take a backup first"),
        ("./site-script --go", "No rule knows"),
    ],
)
def test_a_hint_says_what_undoes_it_or_what_to_keep(command: str, said: str) -> None:
    assert said in (_hint(command) or "")


@pytest.mark.parametrize("command", ["df -h", "kubectl get pods | grep api", "systemctl status x"])
def test_what_only_looks_needs_no_undoing(command: str) -> None:
    assert _hint(command) is None


def test_of_joined_commands_each_that_changes_has_its_hint_once() -> None:
    hint = _hint("df -h; systemctl stop app && rm -rf /data | tee /tmp/a; rm /b") or ""
    assert hint.startswith("Undo with `systemctl start app`. Nothing brings it back")
    assert hint.count("Nothing brings it back") == 1


def test_a_person_is_told_of_a_backup_alone() -> None:
    step = Step(id="s", name="S", action="noop", args={"message": "Tell the shop team"})
    assert rollback_hint(step, None) is None
    wipe = Step(id="s", name="S", action="noop", args={"message": "Drop the old partitions"})
    assert "backup" in (rollback_hint(wipe, None) or "")
    assert rollback_hint(step.model_copy(update={"action": "wait"}), None) is None


def test_long_commands_are_looked_through_in_linear_time() -> None:
    for part in ("kubectl -a b ", "kubectl  ", "systemctl --x ", "sed -i ", "mv "):
        assert _hint(part * (20_000 // len(part)))

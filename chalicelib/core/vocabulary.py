"""The command-line programs that are known by name, and what is known of them.

The lists are those programs that operators write in their notes, from general knowledge of
operations work: of Linux and its packages, storage, networks, containers, clouds, databases,
queues and builds. A program that is missing is still found by the shape of its command where that
is set apart; see `chalicelib.core.commands`.
"""

#: Programs whose name is no ordinary word: it is enough that something that looks like an argument
#: follows.
PROGRAMS = frozenset(
    """
    7z a2dismod a2enmod a2ensite ab alembic amtool ansible ansible-galaxy ansible-playbook
    ansible-vault apachectl apk apt apt-cache apt-get apt-mark arcconf argocd arp arping asadmin
    auditctl aureport ausearch aws awk az b2 bash bazel bconsole beeline blkid blockdev borg
    brctl bridge btrfs buildah bundle bunzip2 bzip2 calicoctl cargo cassandra-stress cbq ccm
    ceph ceph-volume cephadm certbot chage chattr chcon chef-client chgrp chkconfig chmod chown
    chpasswd chroot chronyc cilium clickhouse-client cloud-init cloudctl clusterctl cmctl
    cockroach composer conntrack consul coredumpctl corosync-cmapctl cp cpupower cqlsh crane
    crictl crm crm_mon crm_resource crontab cryptsetup ctr curl cut cypher-shell dapr dd
    ddrescue debugfs delv depmod df dgraph diff dig dmesg dmidecode dmsetup dnf docker
    docker-compose doctl dotnet dpkg drbdadm drush du e2fsck ebtables efibootmgr egrep eksctl
    elasticsearch-plugin esxcli etcdctl etcdutl ethtool exportfs fail2ban-client fallocate fdisk
    fgrep filefrag firewall-cmd flink flux flyctl fsadm fsck fstrim fuser gcloud gdb gdisk gem
    getcap getenforce getent getfacl getfattr getsebool gfsh gh git gitlab-backup gitlab-ctl
    gitlab-rails gitlab-rake gluster go gpg gradle grep growpart grpcurl grub2-mkconfig gsutil
    gunicorn gunzip gzip hadoop haproxy hbase hdfs hdparm helm helmfile heroku hostnamectl htop
    htpasswd http hugo hwclock iconv id ifconfig ifdown iftop ifup influx initctl insmod iostat
    iotop ip ip6tables iperf iperf3 ipmitool ipset iptables iptables-restore iptables-save
    ipvsadm iscsiadm istioctl iw java jcmd jdbc jfr jmap journalctl jps jq jstack jstat k3s k6
    k9s kadmin kafka-acls kafka-broker-api-versions kafka-configs kafka-configs.sh
    kafka-consumer-groups kafka-consumer-groups.sh kafka-console-consumer.sh kafka-dump-log.sh
    kafka-leader-election.sh kafka-log-dirs.sh kafka-preferred-replica-election.sh
    kafka-reassign-partitions kafka-reassign-partitions.sh kafka-server-stop.sh kafka-topics
    kafka-topics.sh kcat kcadm.sh kdestroy keepalived keytool kill killall kind kinit klist kops
    kpartx kubeadm kubectl kubectx kubens  kustomize  lastb ldapadd ldapmodify
    ldapsearch ldconfig ldd lftp linkerd linstor lldpcli ln locale localectl loginctl logrotate
    losetup ls lsattr lsblk lscpu lshw lsmod lsns lsof lspci lsscsi lsusb lvchange lvconvert
    lvcreate lvdisplay lvextend lvreduce lvremove lvresize lvs lxc lxd m365 mailq mariadb mc
    mdadm megacli memcached-tool memcstat mii-tool minikube mkdir mkfs mkfs.ext4 mkfs.xfs mkswap
    modinfo modprobe mongo mongod mongodump mongoimport mongorestore mongosh mount mountpoint
    mpstat mqsc mtr multipath multipathd mv mvn mysql mysqladmin mysqlbinlog mysqlcheck
    mysqldump mysqlsh named-checkconf named-checkzone nats nc ncat ndctl needrestart netplan
    netstat netsh newrelic nfsstat nft nginx ngrep nice nmap nmcli node nodetool nomad npm npx
    nproc nslookup nsenter nstat ntpdate ntpq ntpstat numactl numastat nvidia-smi nvme nvm
    objdump oc octavia odo openssl openstack opkg orachk osqueryi ovn-nbctl ovn-sbctl ovn-appctl
    ovs-appctl ovs-ofctl ovs-vsctl packer parted partprobe patronictl pcs perf perl pfctl
    pg_basebackup pg_ctl pg_ctlcluster pg_controldata pg_dump pg_dumpall pg_isready pg_repack
    pg_resetwal pg_restore pg_rewind pg_upgrade pgbackrest pgbench pgbouncer pgrep php php-fpm
    pidof pidstat ping ping6 pip pip3 pipenv pkill pkg pm2 pmap podman poetry postcat postconf
    postfix postmap postqueue postsuper powershell printenv prlimit promtool proxysql ps psql
    pssh puppet pvchange pvcreate pvdisplay pvecm pveversion pvmove pvresize pvs pvscan pwsh
    pytest python python2 python3 qemu-img qm qperf quotacheck rabbitmqadmin rabbitmqctl
    rabbitmq-diagnostics rabbitmq-plugins rabbitmq-queues rados radosgw-admin rake rbd rclone
    readlink realpath redis-benchmark redis-cli redis-server repquota resize2fs resolvectl
    restic restorecon rfkill rm rmdir rmmod rndc rpcinfo rpm rpm-ostree rsync rtorrent rustup
    ruby s3cmd sadf sam sar schtasks scp screen sed semanage semodule sensors serverless
    sestatus setcap setenforce setfacl setsebool sfdisk sftp sg_map sha256sum showmount sinfo
    skaffold skopeo slapcat slcli smartctl smbclient smbstatus snap snmpget snmpwalk sngrep solr
    sosreport sqlcmd sqlite3 sqlplus squeue ss sshd ssh ssh-add ssh-copy-id ssh-keygen
    ssh-keyscan sssctl stern storcli stress-ng strace su subscription-manager supervisorctl
    swaks swapoff swapon swanctl sysctl systemctl systemd-analyze systemd-cgtop systemd-resolve
    systemd-run systemd-tmpfiles tail tailscale talosctl tar taskset tc tcpdump tcptraceroute
    tee telnet terraform terragrunt testparm timedatectl tkn tmux touch tofu traceroute
    tracepath truncate tshark tune2fs ubuntu-drivers udevadm ufw ulimit umount uname unxz unzip
    update-ca-certificates update-ca-trust update-grub updatedb uptime useradd userdel usermod
    vagrant valkey-cli varnishadm varnishlog varnishstat vault velero vgchange vgcreate
    vgdisplay vgextend vgreduce vgs virsh virtctl visudo vmstat vmware-cmd vtysh wg wget wipefs
    wrk xargs xfs_growfs xfs_info xfs_repair xz yarn yq yum zabbix_get zcat zdb zfs zgrep zip
    zkCli.sh zkServer.sh zpool zstd zypper
    """.split()
)

#: Programs that are ordinary words as well: an option, a path or a number has to follow.
ORDINARY = frozenset(
    """bash bazel bridge cargo cat cd chef composer consul crane crm cut date diff echo env
    find flink flux free go head heroku host hostname http hugo id influx install java join
    kind kill killall  less locale make mount nats nice node nomad openstack packer parted
    perf perl postfix printf puppet ruby sam screen sensors service set sleep snap solr sort
    stat su sync tar tee test time timeout top touch truncate unzip vault velero watch
    which who xargs zip""".split()
)

#: Servers, and what runs programs: their bare name with a word behind is no command, but a phrase.
SERVERS = frozenset(
    """alembic ansible apachectl aws az btrfs ceph docker docker-compose dotnet gdb git
    haproxy hadoop hbase hdfs java keepalived  mariadb memcached-tool mongo mongod mongosh
    mysql nginx node npm openssl pgbouncer php php-fpm postfix proxysql psql python python2 python3
    redis-server ruby sqlcmd sqlite3 sqlplus ssh sshd terraform vault""".split()
)

#: Programs that say enough alone.
ALONE = frozenset(
    """df dmesg free getenforce hostnamectl htop iostat iotop ip lsblk lscpu lsmod lsof
    mailq mpstat netstat nproc nvidia-smi pvs lvs vgs reboot sestatus swapon top uptime vmstat
    timedatectl""".split()
)

#: What may stand before a program.
BEFORE = frozenset("sudo doas time nohup nice env exec xargs watch".split())

#: What a program is asked to do, so that `systemctl status` is a command and "systemctl failed"
#: is not. Programs that are not here take any argument.
_SUBCOMMANDS = {
    "systemctl": """status restart start stop reload enable disable daemon-reload list-units mask
        unmask show is-active is-failed is-enabled cat edit kill reset-failed try-restart isolate
        list-timers list-unit-files daemon-reexec""",
    "docker": """ps restart logs stop start exec run rm rmi pull push build compose system volume
        image images container network stats inspect prune kill login service stack swarm info
        events cp top update node""",
    "kubectl": """get describe logs log delete apply scale rollout exec edit patch set top cordon
        uncordon drain create label annotate port-forward config auth run cp expose explain debug
        taint wait events replace api-resources cluster-info version attach autoscale diff""",
    "git": """revert push pull checkout log reset merge rebase clone fetch status commit tag stash
        gc bisect diff show cherry-pick clean submodule lfs branch switch restore""",
    "helm": "rollback upgrade install uninstall list history status get repo template test delete",
    "terraform": "apply plan init destroy state import output refresh validate taint untaint",
    "ceph": """status health df osd mon mds pg tell daemon fs orch mgr config auth crash versions
        balancer device log quorum_status""",
    "ip": "addr a link l route r neigh n netns rule",
}
SUBCOMMANDS = {program: frozenset(words.split()) for program, words in _SUBCOMMANDS.items()}
SUBCOMMANDS["oc"] = SUBCOMMANDS["kubectl"] | frozenset(
    """adm login project projects debug extract import-image new-app process rsh status tag
    whoami start-build""".split()
)
SUBCOMMANDS["podman"] = SUBCOMMANDS["docker"]
SUBCOMMANDS["tofu"] = SUBCOMMANDS["terraform"]

_RESOURCES = {
    "pod": "po pods",
    "node": "no nodes",
    "deployment": "deploy deployments",
    "statefulset": "sts statefulsets",
    "daemonset": "ds daemonsets",
    "replicaset": "rs replicasets",
    "service": "svc services",
    "endpoints": "ep",
    "ingress": "ing ingresses",
    "job": "jobs",
    "cronjob": "cj cronjobs",
    "configmap": "cm configmaps",
    "secret": "secrets",
    "event": "events ev",
    "namespace": "ns namespaces",
    "volume": "pv pvs persistentvolume persistentvolumes",
    "volume_claim": "pvc pvcs persistentvolumeclaim persistentvolumeclaims",
    "storageclass": "sc storageclasses",
    "autoscaler": "hpa",
    "certificate": "csr certificates",
    "machine": "machines",
    "machineset": "machinesets",
    "lease": "leases",
}
#: The kinds of things in a cluster, by all of their usual spellings.
RESOURCES = {word: kind for kind, words in _RESOURCES.items() for word in (kind, *words.split())}

#: What says nothing without the name of what it is to be done to.
NEEDS_OBJECT = frozenset(
    """annotate apply attach cordon cp create debug delete describe drain edit exec explain expose
    extract get inspect kill label log logs patch process restart rm rmi rollout rsh run scale set
    start stop taint uncordon wait""".split()
)

#: Words that end a command in prose, because they belong to the sentence around it.
PROSE = frozenset(
    """
    a after afterward afterwards again also although an and are as at because been before being
    both but by can can't cannot command commands could did didn't does doesn't don't during
    each either eventually every failed fails finally first fixed for found from gave giving had
    has have helped here honor honors however if immediately in information into is isn't it its
    just later manually may might must neither nor not now of on once operation operations
    option options or our over printed prints reported reports returned returning returns
    revealed reveals runtime said saw says second see session shortly should showed showing
    shown shows since so solved still succeeded successfully takes that the their them then
    there these they this those to too twice until us utility via was we were when where whether
    which while who why will with without won't worked works would you your
    """.split()
)

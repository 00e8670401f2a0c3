"""The failover suite: PostgreSQL under Patroni with etcd, its leader killed under load again and again. See README.md."""

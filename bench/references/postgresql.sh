# sh postgresql.sh DIR start|psql|stop …: a server in DIR that is tuned for loading. It would not survive a crash.
set -e
dir=$(realpath -m "$1") action=$2
shift 2
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
# The server refuses to run as root.
as=$([ "$(id -u)" != 0 ] || echo runuser -u postgres --)
case $action in
psql) exec "$bin/psql" -h "$dir" -p 54329 -U bench -qXAt -v ON_ERROR_STOP=1 "$@" ;;
stop) [ ! -d "$dir" ] || $as "$bin/pg_ctl" -D "$dir" -m immediate stop ;;
start)
  [ ! -d "$dir" ] || exit 0
  mkdir -m 700 "$dir"
  [ -z "$as" ] || chown postgres: "$dir"
  $as "$bin/initdb" -D "$dir" -U bench -A trust -E UTF8 --locale C --no-sync
  $as "$bin/pg_ctl" -D "$dir" -w -l "$dir/log" -o "-c port=54329 -c listen_addresses= -c unix_socket_directories=$dir \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 \
    -c max_wal_size=16GB -c checkpoint_timeout=1h -c autovacuum=off -c jit=off -c shared_buffers=2GB -c work_mem=512MB \
    -c maintenance_work_mem=1GB" start
  ;;
esac

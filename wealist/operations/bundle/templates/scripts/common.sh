# shellcheck shell=bash
# Read by every script of the bundle: what they share, and nothing that is done.
set -Eeuo pipefail

bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
set -a
# shellcheck source=/dev/null
. "$bundle/settings.sh"
set +a

# Never empty: this folder is cleared.
app=/home/ec2-user/app/${SERVICE:?}
unit=wealist-$SERVICE.service
# In memory alone, and root's alone.
values=/run/wealist/$SERVICE.env
# From the first hook of a deployment until its version, or the one that follows a failure, is healthy.
deploying=/run/wealist/$SERVICE.deploying

# CodeDeploy's agent and systemd set no home; Docker finds ECR's credential helper by it.
export HOME=/root

say() { printf '%s %s: %s\n' "$(date -u +%FT%TZ)" "$SERVICE" "$*"; }

fail() {
  say "$*" >&2
  exit 1
}

trap 'say "${BASH_SOURCE[0]##*/} failed with exit code $? at line $LINENO: $BASH_COMMAND" >&2' ERR

# retry COMMAND...: three times, 5 and 10 seconds apart.
retry() {
  local attempt
  for attempt in 1 2 3; do
    if "$@"; then return 0; fi
    say "attempt $attempt of 3 failed: $*" >&2
    if [ "$attempt" -lt 3 ]; then sleep $((attempt * 5)); fi
  done
  return 1
}

# By the project's name alone: it works whatever became of the files that the service was started from.
stop_service() {
  install -d -m 0700 "${deploying%/*}"
  touch "$deploying"
  systemctl stop "$unit" || say "$unit was not there to be stopped"
  docker compose --project-name "$SERVICE" down --remove-orphans --timeout 30
}

# compose ARGUMENTS...: Docker Compose on the installed file, with the values from SSM in its environment.
compose() (
  [ -r "$values" ] || fail "there is no $values: systemctl restart $unit reads the parameters and starts the service"
  set -a
  # shellcheck source=/dev/null
  . "$values"
  # As cloud-init noted it: the name of the service's log stream, which compose.yml takes from the environment.
  # shellcheck disable=SC2034
  INSTANCE=$(cat /var/lib/cloud/data/instance-id || echo "$HOSTNAME")
  set +a
  docker compose --project-name "$SERVICE" --file "$app/compose.yml" "$@"
)

# shellcheck shell=bash
# Sourced by every script of the bundle: shared variables and functions.
set -Eeuo pipefail

bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
set -a
# shellcheck source=/dev/null
. "$bundle/settings.sh"
set +a

# Must not be empty: this folder is deleted.
app=/home/ec2-user/app/${SERVICE:?}
unit=wealist-$SERVICE.service
# In memory, and readable by root only.
values=/run/wealist/$SERVICE.env
# Exists from the first hook of a deployment until the service is healthy, or until a later deployment succeeds.
deploying=/run/wealist/$SERVICE.deploying

# CodeDeploy's agent and systemd do not set HOME; Docker needs it to find ECR's credential helper.
export HOME=/root

say() { printf '%s %s: %s\n' "$(date -u +%FT%TZ)" "$SERVICE" "$*"; }

fail() {
  say "$*" >&2
  exit 1
}

trap 'say "${BASH_SOURCE[0]##*/} failed with exit code $? at line $LINENO: $BASH_COMMAND" >&2' ERR

# retry COMMAND...: tries three times, 5 and 10 seconds apart.
retry() {
  local attempt
  for attempt in 1 2 3; do
    if "$@"; then return 0; fi
    say "attempt $attempt of 3 failed: $*" >&2
    if [ "$attempt" -lt 3 ]; then sleep $((attempt * 5)); fi
  done
  return 1
}

# By the name of the project, which does not require its files.
stop_service() {
  install -d -m 0700 "${deploying%/*}"
  touch "$deploying"
  systemctl stop "$unit" || say "$unit was not there to be stopped"
  docker compose --project-name "$SERVICE" down --remove-orphans --timeout 30
}

# compose ARGUMENTS...: runs Docker Compose with the installed file and the values from SSM.
compose() (
  [ -r "$values" ] || fail "there is no $values: systemctl restart $unit reads the parameters and starts the service"
  set -a
  # shellcheck source=/dev/null
  . "$values"
  # From cloud-init: compose.yml uses it as the name of the log stream.
  # shellcheck disable=SC2034
  INSTANCE=$(cat /var/lib/cloud/data/instance-id || echo "$HOSTNAME")
  set +a
  docker compose --project-name "$SERVICE" --file "$app/compose.yml" "$@"
)

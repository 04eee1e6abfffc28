#!/bin/bash
# Stops and deletes the old version. CodeDeploy keeps the bundles that a rollback needs.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

docker compose version || fail "Docker Compose does not run: the instance's bootstrap failed, see /var/log/wealist-bootstrap.log"
stop_service
rm -rf "$app"

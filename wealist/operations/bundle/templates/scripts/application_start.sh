#!/bin/bash
# Pulls the image, takes the port from the temporary health server, and starts the service.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

say "pulls $IMAGE"
retry compose pull --quiet || fail "cannot pull $IMAGE: is it in the registry, and may the instance's role read it?"

temporary=$(docker ps --all --quiet --filter label=wealist.temporary=health --filter "label=wealist.port=$PORT")
for container in $temporary; do docker rm --force "$container"; done

systemctl enable "$unit"
if ! systemctl restart "$unit"; then
  journalctl --unit "$unit" --lines 30 --no-pager --output cat >&2 || true
  fail "does not start; the lines above say why"
fi

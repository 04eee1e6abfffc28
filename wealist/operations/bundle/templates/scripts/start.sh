#!/bin/bash
# What the systemd unit runs: fresh values, then the container.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$app/scripts/environment.sh"
compose up --detach --no-build --remove-orphans

#!/bin/bash
# Run by the systemd unit: reads the parameters, then starts the container.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$app/scripts/environment.sh"
compose up --detach --no-build --remove-orphans

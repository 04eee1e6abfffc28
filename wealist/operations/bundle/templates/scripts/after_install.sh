#!/bin/bash
# Sets the owners and modes of the installed files, and reads the parameters. Missing parameters are reported by name.
# No log-in to ECR is needed: Docker uses the credential helper, with the instance's role.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

chown -R root:root "$app"
chmod -R u=rwX,go=rX "$app"
chmod 0755 "$app"/scripts/*.sh

install -m 0644 "$app/wealist.service" "/etc/systemd/system/$unit"
for kind in service timer; do
  install -m 0644 "$app/wealist-images.$kind" "/etc/systemd/system/wealist-$SERVICE-images.$kind"
done
systemctl daemon-reload
systemctl enable "wealist-$SERVICE-images.timer"
systemctl start "wealist-$SERVICE-images.timer"

"$app/scripts/environment.sh"

#!/bin/bash
# Makes the installed files what they must be, and reads the parameters: a missing one fails here, by name.
# Nobody logs in to ECR: Docker asks the credential helper, which has the instance's role.
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

#!/bin/bash
# CodeDeploy runs this from the version that is being replaced; the first deployment has none. One that is broken is
# passed over (--ignore-application-stop-failures), because before_install.sh stops the service as well.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

stop_service

#!/bin/bash
# CodeDeploy runs this script of the old version; the first deployment has none. Its failures are ignored
# (--ignore-application-stop-failures), because before_install.sh stops the service, too.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

stop_service

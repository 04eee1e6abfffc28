#!/bin/bash
# Waits START_SECONDS, then requests the service's full health, including databases, until it has responded with 200
# within 5 seconds twice in a row. Exit code 1 after HEALTHY_WITHIN_SECONDS in total makes CodeDeploy roll back.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

address=http://127.0.0.1:$PORT$HEALTH_PATH
deadline=$((SECONDS + HEALTHY_WITHIN_SECONDS))
good=0
status=000
sleep "$START_SECONDS"
while [ "$good" -lt 2 ] && [ "$SECONDS" -lt "$deadline" ]; do
  # curl prints 000 without a response.
  status=$(curl --silent --output /dev/null --max-time 5 --write-out '%{http_code}' "$address") || true
  if [ "$status" = 200 ]; then good=$((good + 1)); else good=0; fi
  sleep 1
done

if [ "$good" -lt 2 ]; then
  docker logs --tail 30 "$SERVICE" >&2 || true
  fail "is not healthy after $HEALTHY_WITHIN_SECONDS seconds: $address last answered $status; its log is above"
fi
say "is healthy: $address"
rm --force "$deploying"

# shellcheck shell=sh disable=SC2016
# Exit codes:
#   0  every instance runs the bundle
#   1  the deployment failed or was stopped, or some instances do not run the bundle
#   2  the bundle was changed after it was written; nothing was uploaded
#   3  a deployment did not end within the time limit; it may continue
#   4  AWS rejected a request or is unreachable; a deployment may continue
set -eu
# The AWS CLI retries throttled requests and temporary network failures.
export AWS_REGION="$region" AWS_DEFAULT_REGION="$region" AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=8
tab=$(printf '\t')
problem=$(mktemp)
trap 'rm -f "$problem"' EXIT

say() { printf '%s %s: %s\n' "$(date -u +%H:%M:%S)" "$application" "$*"; }

# fail CODE MESSAGE REMEDY
fail() {
  printf 'error: %s\nremedy: %s\n' "$2" "$3" >&2
  exit "$1"
}

# ask ARGUMENTS...: runs the AWS CLI, and sets $answer to its output. A rejected request ends the script; other failures
# are retried nine times in a row, 15 seconds apart.
ask() {
  failures=0
  until answer=$(aws "$@" --output text 2> "$problem"); do
    failures=$((failures + 1))
    case $(cat "$problem") in
      *AccessDenied* | *UnauthorizedOperation*)
        cat "$problem" >&2
        fail 4 "the rights do not suffice for aws $1 $2" \
          "take the deploy role of the environment; the account's stack and the environment's give it its rights"
        ;;
      *ExpiredToken* | *InvalidClientTokenId* | *"locate credentials"*)
        cat "$problem" >&2
        fail 4 "the credentials are not valid, or not any more" "log in again; look at the deployment in CodeDeploy"
        ;;
      *Throttl* | *"Rate exceeded"* | *RequestLimitExceeded* | *onnect* | *timed\ out* | *InternalFailure* | *ServiceUnavailable*) ;;
      *) failures=10 ;;
    esac
    if [ "$failures" -ge 10 ]; then
      cat "$problem" >&2
      fail 4 "aws $1 $2 failed" "correct what AWS names above; a deployment may go on: look at it in CodeDeploy"
    fi
    sleep 15
  done
}

# wait_for_others: waits until no deployment of the environment is running. CodeDeploy refuses a second deployment to a
# group, and AWS advises against two deployments to one instance:
# https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-auto-scaling.html
wait_for_others() {
  waited=0
  for each in $applications; do
    while :; do
      ask deploy get-deployment-group --application-name "$each" --deployment-group-name "$each-group" \
        --query 'deploymentGroupInfo.lastAttemptedDeployment.[status, deploymentId] || [`None`]'
      case $answer in
        Created* | Queued* | InProgress* | Baking* | Ready*) ;;
        *) break ;;
      esac
      if [ "$waited" -ge "$longest" ]; then
        fail 3 "a deployment of $each is not over after $((waited / 60)) minutes: ${answer#*"$tab"}" \
          "stop it (aws deploy stop-deployment --deployment-id ${answer#*"$tab"}), then run this again"
      fi
      if [ $((waited % 300)) -eq 0 ]; then say "waits for the deployment ${answer#*"$tab"} of $each"; fi
      sleep 15
      waited=$((waited + 15))
    done
  done
}

# Reads the state of the deployment into $status, $reached, $lost and $total.
look() {
  ask deploy get-deployment --deployment-id "$deployment" --query 'deploymentInfo.[status,
    deploymentOverview.Pending || `0`, deploymentOverview.InProgress || `0`, deploymentOverview.Ready || `0`,
    deploymentOverview.Succeeded || `0`, deploymentOverview.Failed || `0`, deploymentOverview.Skipped || `0`,
    errorInformation.code, errorInformation.message]'
  IFS=$tab read -r status pending going ready reached failed skipped code message << ANSWER
$answer
ANSWER
  lost=$((failed + skipped))
  total=$((pending + going + ready + reached + lost))
}

# Waits for the end of the deployment, and prints its progress. The time limit is the sum of the hooks of all instances.
wait_for_end() {
  waited=0
  shown=
  while :; do
    look
    progress="$status: $reached of $total instances done, $failed failed, $skipped skipped"
    if [ "$progress" != "$shown" ]; then say "$deployment $progress"; fi
    shown=$progress
    case $status in Succeeded | Failed | Stopped) return 0 ;; esac
    limit=$(((total > 0 ? total : 1) * instance_seconds))
    if [ "$waited" -ge "$limit" ]; then
      tell_instances
      fail 3 "$deployment is not over after $((waited / 60)) minutes, the longest that its hooks may take" \
        "look at it in CodeDeploy; aws deploy stop-deployment --auto-rollback-enabled --deployment-id $deployment ends it"
    fi
    sleep 15
    waited=$((waited + 15))
  done
}

# Prints each instance without the bundle, its last failed event, and the end of that event's log.
tell_instances() {
  ask deploy list-deployment-instances --deployment-id "$deployment" --query 'instancesList[]' \
    --instance-status-filter Failed Skipped InProgress Unknown
  for instance in $answer; do
    ask deploy get-deployment-instance --deployment-id "$deployment" --instance-id "$instance" \
      --query 'instanceSummary.[status, lifecycleEvents[?status==`Failed` || status==`InProgress`] | [-1].lifecycleEventName]'
    printf '%s: %s\n' "${instance##*/}" "$(printf '%s' "$answer" | tr '\t' ' ')" >&2
    ask deploy get-deployment-instance --deployment-id "$deployment" --instance-id "$instance" \
      --query 'instanceSummary.lifecycleEvents[?status==`Failed`].diagnostics.[errorCode, scriptName, message]'
    if [ -n "$answer" ]; then printf '%s\n' "$answer" | sed 's/^/  /' >&2; fi
    ask deploy get-deployment-instance --deployment-id "$deployment" --instance-id "$instance" \
      --query 'instanceSummary.lifecycleEvents[?status==`Failed`] | [-1].diagnostics.logTail'
    if [ "$answer" != None ]; then printf '%s\n' "$answer" | tail -n 20 | sed 's/^/  /' >&2; fi
  done
}

# deploy OPTIONS...: deploys the uploaded bundle, waits, and ends the script if an instance does not run it.
deploy() {
  # A broken ApplicationStop of the old version must not prevent a deployment: BeforeInstall stops the service, too.
  ask deploy create-deployment --application-name "$application" --deployment-group-name "$group" \
    --s3-location "bucket=$bucket,key=$key,bundleType=zip" --ignore-application-stop-failures "$@" --query deploymentId
  deployment=$answer
  say "deployment $deployment"
  wait_for_end
  if [ "$status" = Succeeded ] && [ "$lost" -eq 0 ]; then return 0; fi
  tell_instances
  if [ "$status" = Succeeded ]; then
    # A one-at-a-time deployment succeeds in CodeDeploy even if its last instance failed, and is not rolled back.
    # https://docs.aws.amazon.com/codedeploy/latest/userguide/instances-health.html
    fail 1 "$lost of $total instances are without the bundle, though CodeDeploy calls $deployment a success" \
      "correct what the lines above name, and deploy again; or terminate the instance: its successor installs the bundle"
  fi
  ask deploy get-deployment --deployment-id "$deployment" --query 'deploymentInfo.rollbackInfo.rollbackDeploymentId'
  fail 1 "$deployment $status: $code $message (rolled back by: $answer)" \
    "correct what the lines above name, and deploy again; the last good bundle is deployed where a rollback is named"
}

# newcomers: the instances that were launched during the deployment. They may run the bundle before it.
newcomers() {
  ask deploy list-deployment-instances --deployment-id "$deployment" --query 'instancesList[]'
  known=" $(printf '%s' "$answer" | tr '\t\n' '  ') "
  ask autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$scaling_group" \
    --query 'AutoScalingGroups[].Instances[?!starts_with(LifecycleState, `Terminat`)][].InstanceId'
  for instance in $answer; do
    case $known in *"/$instance "* | *" $instance "*) ;; *) printf '%s ' "$instance" ;; esac
  done
}

ask s3 cp --only-show-errors "$bundle" "s3://$bucket/$key"
wait_for_others
deploy
if [ -z "$scaling_group" ]; then exit 0; fi
for round in 1 2 3; do
  new=$(newcomers)
  if [ -z "$new" ]; then exit 0; fi
  say "deploys to what was launched meanwhile, round $round: $new"
  deploy --update-outdated-instances-only
done
new=$(newcomers)
if [ -n "$new" ]; then fail 3 "instances are launched faster than they are deployed to: $new" "run this again"; fi

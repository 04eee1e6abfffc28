#!/bin/bash
# Reads the service's variables from SSM with the instance's role, and writes them into a file that only root can read.
# Parameters that are missing, denied or still a placeholder are all reported, and the file is not changed.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The AWS CLI retries after throttling, network failures, and while the metadata service is not ready.
# https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-retries.html
export AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=8
export AWS_METADATA_SERVICE_NUM_ATTEMPTS=8 AWS_METADATA_SERVICE_TIMEOUT=5

install -d -m 0700 "${values%/*}"
# Mode 0600 from its creation.
fresh=$(mktemp "$values.XXXXXX")
trap 'rm -f "$fresh" "$fresh.error"' EXIT

problems=0
problem() {
  problems=$((problems + 1))
  say "$*" >&2
}

while read -r variable parameter; do
  if value=$(aws ssm get-parameter --region "$REGION" --name "$parameter" --with-decryption \
    --query Parameter.Value --output text < /dev/null 2> "$fresh.error"); then
    if [ "$value" = "$PLACEHOLDER" ]; then
      problem "$parameter still holds the placeholder \"$PLACEHOLDER\": give it its value with aws ssm put-parameter --overwrite"
    fi
    # Quoted for the shell.
    printf '%s=%q\n' "$variable" "$value" >> "$fresh"
  else
    error=$(< "$fresh.error")
    case $error in
      *ParameterNotFound*) problem "$parameter does not exist: apply the environment, which makes it" ;;
      *AccessDenied*) problem "$parameter may not be read by the instance's role: $error" ;;
      # The other parameters would fail in the same way.
      *) fail "$parameter cannot be read: $error" ;;
    esac
  fi
done < "$bundle/parameters.txt"

[ "$problems" -eq 0 ] || fail "$problems of its parameters cannot be used; the service is not started"
mv "$fresh" "$values"
say "read its parameters into $values"

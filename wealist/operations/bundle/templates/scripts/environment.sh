#!/bin/bash
# Writes the service's variables from SSM, read with the instance's role, into a file in memory that root alone may read.
# Every parameter that is missing, forbidden or still a placeholder is named, and then the file is left as it was.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Throttling, a slow network and a metadata service that is not there yet: the AWS CLI waits and tries again by itself.
# https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-retries.html
export AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=8
export AWS_METADATA_SERVICE_NUM_ATTEMPTS=8 AWS_METADATA_SERVICE_TIMEOUT=5

install -d -m 0700 "${values%/*}"
# 0600 from its first moment.
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
    # Quoted for the shell, whatever the value holds.
    printf '%s=%q\n' "$variable" "$value" >> "$fresh"
  else
    error=$(< "$fresh.error")
    case $error in
      *ParameterNotFound*) problem "$parameter does not exist: apply the environment, which makes it" ;;
      *AccessDenied*) problem "$parameter may not be read by the instance's role: $error" ;;
      # The rest would fail in the same way.
      *) fail "$parameter cannot be read: $error" ;;
    esac
  fi
done < "$bundle/parameters.txt"

[ "$problems" -eq 0 ] || fail "$problems of its parameters cannot be used; the service is not started"
mv "$fresh" "$values"
say "read its parameters into $values"

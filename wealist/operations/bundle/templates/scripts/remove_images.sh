#!/bin/bash
# Removes the service's images that no container has used for a week; a rollback pulls a removed image again. A timer
# runs it every night. It does nothing during a deployment, whose image no container uses yet.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Two hours exceed the total time limit of a deployment's hooks: an older marker is from a failed deployment.
if [ -n "$(find "$deploying" -mmin -120 2> /dev/null)" ]; then
  say "is being deployed: its images stay until tomorrow"
  exit 0
fi

# A file for each image; its modification time is the last use of the image, which Docker does not record.
used=/var/lib/wealist/images/$SERVICE
install -d -m 0755 "$used"
images=$(docker image ls --quiet --no-trunc "${IMAGE%:*}" | sort --unique)
for each in $images; do
  last=$used/${each#sha256:}
  if [ ! -e "$last" ] || [ -n "$(docker ps --all --quiet --filter "ancestor=$each")" ]; then
    touch "$last"
  elif [ -n "$(find "$last" -mtime +6)" ]; then
    # --force, because an image has several tags.
    if docker image rm --force "$each"; then rm "$last"; else say "could not remove $each"; fi
  fi
done

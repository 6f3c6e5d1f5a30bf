#!/bin/sh
# Sees to it that the base image is there: pulled, or a stand-in of the files that rootfs.sh makes, where
# ETHERLOOM_TEST_ROOTFS names a tar of them that was made before. Usage: base-image.sh IMAGE
set -eu
image=${1:-node:24-bookworm-slim}
docker image inspect "$image" >/dev/null 2>&1 && exit 0
docker pull "$image" >/dev/null 2>&1 && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rootfs=${ETHERLOOM_TEST_ROOTFS:-}
if [ ! -f "$rootfs" ]; then
  rootfs=$work/rootfs.tar
  sh "$(dirname "$0")/rootfs.sh" "$rootfs"
fi
docker import -c 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' - "$image" <"$rootfs" >/dev/null

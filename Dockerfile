# The action's image: Python, git, strace, hash-locked packages, opa at the locked digest, and the program.
# No USER and no WORKDIR: a runner mounts its workspace, which belongs to another user, and sets the folder itself.

FROM debian:trixie-slim AS build
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates python3 python3-venv
COPY requirements/runtime.txt /tmp/runtime.txt
RUN python3 -m venv /opt/mesh-attestor \
 && /opt/mesh-attestor/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir \
      --require-hashes --only-binary :all: -r /tmp/runtime.txt \
 && /opt/mesh-attestor/bin/python -m pip uninstall --quiet --yes pip \
 && rm -f /opt/mesh-attestor/bin/pip* /opt/mesh-attestor/bin/activate* /opt/mesh-attestor/bin/Activate*
# Where opa comes from, for mirrors; empty means the release file for this machine, with the digest of the lock.
ARG OPA_URL=""
ARG OPA_SHA256=""
COPY attestor /opt/mesh-attestor/app/attestor
COPY policy /opt/mesh-attestor/app/policy
COPY entrypoint.py LICENSE /opt/mesh-attestor/app/
RUN echo /opt/mesh-attestor/app > "$(/opt/mesh-attestor/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/mesh-attestor.pth" \
 && printf '%s\n' '#!/opt/mesh-attestor/bin/python -I' 'from attestor.cli import main' 'main()' \
      > /opt/mesh-attestor/bin/mesh-attestor \
 && chmod 755 /opt/mesh-attestor/bin/mesh-attestor \
 && XDG_CACHE_HOME=/opt/mesh-attestor/programs /opt/mesh-attestor/bin/python -I -m attestor.install opa \
      --link /opt/mesh-attestor/bin --url "$OPA_URL" --sha256 "$OPA_SHA256" \
 && /opt/mesh-attestor/bin/python -I -m compileall -q /opt/mesh-attestor/app

FROM debian:trixie-slim
LABEL org.opencontainers.image.title="mesh-attestor" \
      org.opencontainers.image.description="Signed, judged evidence of what a Linkerd mesh looked like" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      ca-certificates git python3-minimal python3 strace \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log /usr/share/doc /usr/share/man
COPY --from=build /opt/mesh-attestor /opt/mesh-attestor
RUN ln -s /opt/mesh-attestor/bin/mesh-attestor /usr/local/bin/mesh-attestor
# Isolated: no variable and no folder of a workflow decides which Python code runs.
ENTRYPOINT ["/opt/mesh-attestor/bin/python", "-I", "-u", "/opt/mesh-attestor/app/entrypoint.py"]

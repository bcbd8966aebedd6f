# Replaces the official image where no registry can be reached: the same program, from the tests' own pinned package.
ARG BASE
FROM ${BASE}
COPY caddy /usr/bin/caddy
USER 10001:10001
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]

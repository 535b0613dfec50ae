# syntax=docker/dockerfile:1
# The service and its simulators, on the active LTS of Node. Nothing is compiled: every binary comes in its package.
FROM node:24.21.0-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY simulators ./simulators
COPY scripts ./scripts
# The SQLite driver of Node 20 is not for this Node.
RUN npm run build \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/better-sqlite3-node20

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    PARK_DATA_DIR=/data \
    PARK_HTTP_HOST=0.0.0.0 \
    PARK_MQTT_HOST=0.0.0.0
WORKDIR /app
# A volume mounted here takes over its owner, so the service need not be root.
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
VOLUME /data
EXPOSE 8080 1883
STOPSIGNAL SIGTERM
# Alive, not ready: with the historian away the service takes readings all the same, and a restart would not help.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PARK_HTTP_PORT || 8080) + '/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/server.js"]

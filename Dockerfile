# Two images: `agio` is the gateway and the worker, `router` is Hive Gateway before Agio's subgraph.

FROM python:3.13-slim AS agio
WORKDIR /srv/agio
COPY constraints.txt refused.txt ./
RUN pip install --no-cache-dir --require-hashes -r constraints.txt -c refused.txt
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
 && agio schema --subgraph > subgraph.graphql \
 && install -d -o nobody -g nogroup /var/lib/agio
USER nobody
ENV AGIO_HOME=/var/lib/agio
VOLUME /var/lib/agio
EXPOSE 8800
CMD ["agio", "serve", "--host", "0.0.0.0"]

FROM node:22-slim AS router
WORKDIR /srv/router
COPY router/package.json router/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY router/ ./
COPY --from=agio /srv/agio/subgraph.graphql ./
RUN node compose.js agio=http://gateway:8800/subgraph=subgraph.graphql > supergraph.graphql
USER node
EXPOSE 4000
CMD ["npm", "start"]

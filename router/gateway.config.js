// Hive Gateway in front of the subgraphs: it plans and forwards; tokens are checked by the subgraphs themselves.

import { defineConfig } from "@graphql-hive/gateway";

const secret = process.env.AGIO_ROUTER_SECRET;
if (!secret) {
  throw new Error("AGIO_ROUTER_SECRET is not set: without it no subgraph answers the router");
}

export const gatewayConfig = defineConfig({
  supergraph: "supergraph.graphql",
  hmacSignature: { secret },
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => ({
      authorization: request.headers.get("authorization") ?? undefined,
    }),
  },
  disableIntrospection: { disableIf: () => process.env.AGIO_MODE !== "demo" },
  graphiql: process.env.AGIO_MODE === "demo",
  landingPage: false,
});

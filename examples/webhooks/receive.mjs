// A brand's server that receives webhooks, with nothing but Node.
//
//     AGIO_WEBHOOK_SECRET=whsec_… node examples/webhooks/receive.mjs 8080
//
// It prints the port it listens on, and then each event once, however often it is sent.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const TOLERANCE_SECONDS = 300;
const SECRET = Buffer.from(process.env.AGIO_WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
// Ids of events that were taken. Keep them in a database, in the transaction that acts on the event.
const taken = new Set();

function genuine(id, timestamp, body, signatures) {
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const signed = createHmac("sha256", SECRET).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${signed}`);
  return signatures
    .split(" ")
    .map((given) => Buffer.from(given))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

async function take(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const header = (name) => request.headers[name] ?? "";
  const id = header("webhook-id");
  if (!genuine(id, header("webhook-timestamp"), body, header("webhook-signature"))) return 401;
  if (!taken.has(id)) {
    console.log(body.toString());
    taken.add(id);
  }
  return 204;
}

const server = createServer(async (request, response) => response.writeHead(await take(request)).end());
server.listen(Number(process.argv[2]), "127.0.0.1", () => console.log(server.address().port));

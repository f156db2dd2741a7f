"use strict";
const $ = (id) => document.getElementById(id);

const EXAMPLES = {
  "My wallet": [`{
  me {
    memberships {
      number
      program { name }
      tier { name level }
      balance
      spendable
      expiresNext { amount on }
    }
    rights { right { name } usesLeft validUntil }
  }
}`, {}],
  "What can my points become?": [`query Quotes($source: String!, $amount: Amount!) {
  quotes(source: $source, amount: $amount) {
    __typename
    ... on Offers { quotes { id target { program { name } amount } expiresAt } }
    ... on Refusal { message }
  }
}`, { source: "AURORA", amount: "3000" }],
  "All programs": [`{
  programs {
    code
    name
    brand { name }
    tiers { name level }
  }
}`, {}],
  "Settlement windows": [`{ windows { id number status cutOffAt } }`, {}],
  "Ping": [`mutation { ping(idempotencyKey: "hello") { idempotencyKey } }`, {}],
};

const INTROSPECTION = `{ __schema { queryType { name } mutationType { name } types { kind name description
  fields(includeDeprecated: true) { name description args { name description type { ...T } } type { ...T } }
  inputFields { name description type { ...T } } enumValues { name description } possibleTypes { name } } } }
  fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }`;

async function ask(query, variables) {
  const headers = { "Content-Type": "application/json" };
  const token = $("token").value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch("graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return { status: response.status, body: await response.json(), id: response.headers.get("x-request-id") };
}

async function run() {
  remember();
  let variables;
  try { variables = JSON.parse($("variables").value || "{}"); }
  catch (error) { return show({ error: `The variables are not JSON: ${error.message}` }, "", true); }
  $("status").textContent = "…";
  const started = performance.now();
  try {
    const { status, body } = await ask($("query").value, variables);
    show(body, `${status} · ${(performance.now() - started).toFixed(0)} ms`, Boolean(body.errors));
  } catch (error) { show({ error: String(error) }, "no answer", true); }
}

function show(body, status, bad) {
  $("status").textContent = status;
  $("status").className = bad ? "bad" : "";
  $("result").replaceChildren(...coloured(JSON.stringify(body, null, 2)));
}

function coloured(text) {
  const parts = text.split(/("(?:\\.|[^"\\])*"(?:\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?)/);
  return parts.map((part, index) => index % 2 ? element("span", part, kind(part)) : part);
}
const kind = (part) => part.startsWith('"') ? (part.endsWith(":") ? "k" : "s") : "n";

function element(tag, text, className, click) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (className) made.className = className;
  if (click) { made.addEventListener("click", click); made.tabIndex = 0; }
  return made;
}

// --- the editors

function tidy() {
  let depth = 0;
  $("query").value = $("query").value.split("\n").map((line) => {
    const text = line.trim();
    const closing = (text.match(/^[})\]]+/) || [""])[0].length;
    const indented = "  ".repeat(Math.max(depth - closing, 0)) + text;
    depth += (text.match(/[{([]/g) || []).length - (text.match(/[})\]]/g) || []).length;
    return text ? indented : "";
  }).join("\n");
}

function keys(event) {
  const box = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    const line = box.value.slice(0, box.selectionStart).split("\n").pop();
    event.preventDefault();
    insert(box, "\n" + line.match(/^\s*/)[0] + (/[{([]\s*$/.test(line) ? "  " : ""));
  }
  if (event.key === "Tab" && !event.shiftKey) { event.preventDefault(); insert(box, "  "); }
}
const insert = (box, text) => box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");

function remember() {
  // The token is a credential and stays out of the storage.
  for (const id of ["query", "variables"]) sessionStorage.setItem(id, $(id).value);
}

function load(name) {
  if (!EXAMPLES[name]) return;
  const [query, variables] = EXAMPLES[name];
  $("query").value = query;
  $("variables").value = JSON.stringify(variables, null, 2);
}

function who() {
  try {
    const claims = JSON.parse(atob($("token").value.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    const minutes = Math.round((claims.exp * 1000 - Date.now()) / 60000);
    $("who").textContent = `${claims.kind} · ${minutes > 0 ? `${minutes} min left` : "expired"}`;
    $("who").className = minutes > 0 ? "" : "bad";
  } catch { $("who").textContent = ""; }
}

// --- the graph's own description

let types = new Map();
let trail = [];

async function learn() {
  const { body } = await ask(INTROSPECTION, {});
  if (!body.data) return $("docs").append(element("p", "The graph does not describe itself in production."));
  const schema = body.data.__schema;
  types = new Map(schema.types.filter((type) => !type.name.startsWith("__")).map((type) => [type.name, type]));
  trail = [schema.queryType.name];
  roots = [schema.queryType.name, schema.mutationType && schema.mutationType.name].filter(Boolean);
  draw();
}
let roots = [];

const unwrapped = (type) => type.ofType ? unwrapped(type.ofType) : type.name;
function written(type) {
  if (type.kind === "NON_NULL") return written(type.ofType) + "!";
  return type.kind === "LIST" ? `[${written(type.ofType)}]` : type.name;
}
function visit(name) { trail = roots.includes(name) ? [name] : [...trail.filter((seen) => seen !== name), name]; draw(); }
const link = (type) => element("a", written(type), "", () => visit(unwrapped(type)));

function draw() {
  const back = (name) => { trail = trail.slice(0, trail.indexOf(name) + 1); draw(); };
  $("trail").replaceChildren(
    ...roots.map((root) => element("a", root, root === trail[0] ? "here" : "", () => visit(root))),
    ...trail.slice(1).map((name) => element("a", name, "step", () => back(name))));
  const type = types.get(trail.at(-1));
  if (type) $("docs").replaceChildren(element("h3", type.name), element("p", type.description), ...members(type));
}

function members(type) {
  const fields = (type.fields || type.inputFields || []).flatMap((field) => [fieldLine(field), element("p", field.description)]);
  const values = (type.enumValues || []).flatMap((value) => [element("div", value.name, "field"), element("p", value.description)]);
  const variants = (type.possibleTypes || []).map(({ name }) => {
    const line = element("div", "", "field");
    line.append("… on ", element("a", name, "", () => visit(name)));
    return line;
  });
  return [...fields, ...values, ...variants];
}

function fieldLine(field) {
  const line = element("div", "", "field");
  const args = (field.args || []).flatMap((arg, index) => [index ? ", " : "", `${arg.name}: `, link(arg.type)]);
  line.append(element("span", field.name, "k"), ...(args.length ? ["(", ...args, ")"] : []), ": ", link(field.type));
  return line;
}

function search(text) {
  if (!text) return draw();
  const wanted = text.toLowerCase();
  const hits = [...types.values()].flatMap((type) => [
    ...(type.name.toLowerCase().includes(wanted) ? [[type.name, type.name]] : []),
    ...(type.fields || []).filter((field) => field.name.toLowerCase().includes(wanted)).map((field) => [type.name, `${type.name}.${field.name}`]),
  ]);
  $("docs").replaceChildren(...hits.slice(0, 60).map(([name, label]) => {
    const line = element("div", "", "field");
    line.append(element("a", label, "", () => { $("search").value = ""; visit(name); }));
    return line;
  }));
}

for (const name of Object.keys(EXAMPLES)) $("examples").append(new Option(name, name));
load("All programs");
for (const id of ["query", "variables"]) {
  $(id).value = sessionStorage.getItem(id) || $(id).value;
  $(id).addEventListener("keydown", keys);
}
$("run").addEventListener("click", run);
$("tidy").addEventListener("click", tidy);
$("token").addEventListener("input", who);
$("examples").addEventListener("change", (event) => { load(event.target.value); event.target.value = ""; });
$("search").addEventListener("input", (event) => search(event.target.value.trim()));
// What was written before the page was loaded again is not sent unasked: it may be a mutation.
if (!sessionStorage.getItem("query")) run();
learn().catch((error) => $("docs").append(element("p", String(error), "bad")));

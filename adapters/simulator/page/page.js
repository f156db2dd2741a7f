"use strict";
const $ = (id) => document.getElementById(id);
const SHOWN = 500;
const ABOUT = {
  latency: "Waits before it acts.", slow_answer: "Acts, and waits before it answers.",
  lost_request: "The connection closes before it acts.", lost_answer: "Acts; the connection closes without an answer.",
  black_hole: "Neither acts nor answers.", duplicate: "The request arrives twice; the second answer is sent.",
  malformed: "Acts; the answer is no JSON.", half: "Acts; the connection closes in the middle of the answer.",
  too_many: "429 with Retry-After; does not act.", error_before: "500; has not acted.", error_after: "500; has acted.",
  system_error: "Noted, not booked; may be sent again.", pending_success: "Decided later, in favour.",
  pending_failure: "Decided later, against.", late_success: "No answer, not found – and booked later all the same.",
  maintenance: "503 with Retry-After; does not act.", refuse: "Refuses with a code.",
};
const OPERATIONS = ["validate", "member", "link", "unlink", "debit", "credit", "hold", "capture", "release", "reverse", "retry",
  "inquire", "transactions", "statement", "health"];
const CODES = ["MEMBER_INELIGIBLE", "MEMBER_NOT_FOUND", "NAME_MISMATCH", "NOT_LINKED", "INSUFFICIENT_BALANCE", "LIMIT_EXCEEDED",
  "FRAUD_SUSPECTED", "DUPLICATE_CHANGED", "ALREADY_REVERSED", "REVERSAL_EXCEEDS", "INVALID_REQUEST", "UNSUPPORTED"];
const calls = [];
let last = 0, faults = [], running = true;

async function ask(method, path, body) {
  const answer = await fetch("/control/" + path, {
    method, body: body === undefined ? undefined : JSON.stringify(body), headers: { "content-type": "application/json" },
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error || answer.status);
  return told;
}

function make(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function row(cells) {
  const made = make("tr");
  for (const [text, className] of cells) {
    const cell = make("td", text, className);
    if (text) cell.title = text;
    made.append(cell);
  }
  return made;
}

const tone = (status) => ({ success: "good", up: "good", pending: "wait", failure: "bad", systemError: "bad" })[status] || "";
const time = (text) => text.slice(11, 23).replace("T", " ");

function showCalls() {
  const wanted = $("search").value.toLowerCase();
  const fits = (call) => [call.reference, call.member, call.operation, call.outcome, call.fault].join(" ").toLowerCase().includes(wanted);
  $("calls").replaceChildren(...calls.filter(fits).slice(-SHOWN).reverse().map((call) => {
    const http = call.status === null ? ["none", "bad n"] : [call.status, call.status < 400 ? "n" : "n bad"];
    const made = row([[call.number], [time(call.at)], [call.door], [call.operation], [call.reference, "mono"], [call.member, "mono"],
      [call.amount, "n"], [call.fault, "fault"], http, [call.outcome, tone(call.outcome)]]);
    made.onclick = () => showMessage(call);
    return made;
  }));
  $("no-calls").hidden = calls.length > 0;
}

function showMessage(call) {
  $("message-title").textContent = `${call.number} · ${call.operation} · ${call.door}`;
  $("message-request").textContent = pretty(call.request);
  $("message-answer").textContent = call.answer ? pretty(call.answer) : "None.";
  $("message").showModal();
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

function showBooks(books) {
  $("program").textContent = books.program;
  document.title = `${books.program} · simulated brand`;
  const figures = [["clock", books.now.slice(0, 19).replace("T", " ") + (books.running ? "" : " (stopped)")], ["members", books.members.length],
    ["entries", books.entries], ["pending", books.pending], ["points", books.sum], ["books", books.whole ? "whole" : "NOT WHOLE"]];
  $("figures").replaceChildren(...figures.map(([name, value]) => {
    const made = make("div");
    made.append(make("dt", name), make("dd", value, value === "NOT WHOLE" ? "bad" : ""));
    return made;
  }));
  $("entries").replaceChildren(...books.transactions.slice().reverse().map((entry) => row([[entry.transactionId, "mono"], [entry.type],
    [entry.reference, "mono"], [entry.memberId, "mono"], [entry.amount, "n"],
    [entry.hidden ? "hidden" : entry.errors ? entry.errors[0].code : entry.status, tone(entry.status)], [entry.signed, "n"]])));
  $("members").replaceChildren(...books.members.map((member) => row([[member.number, "mono"], [member.tier], [member.balance, "n"],
    [member.held, "n"], [member.link ? "yes" : ""], [member.blocked ? "yes" : "", "bad"]])));
  $("maintenance").checked = books.maintenance;
  running = books.running;
  $("running").textContent = running ? "Stop" : "Run";
}

function showFaults(told) {
  faults = told.faults;
  const shown = faults.map((fault, place) => {
    const made = make("li"), off = make("button", "off");
    made.append(make("span", describe(fault)), off);
    off.onclick = () => setFaults(faults.filter((_, other) => other !== place));
    return made;
  });
  $("faults").replaceChildren(...(shown.length ? shown : [make("li", "none", "none")]));
  if (!$("magic").children.length) {
    for (const [points, fault] of Object.entries(told.magic))
      $("magic").append(make("dt", points), make("dd", fault.kind === "refuse" ? fault.code : fault.kind.replaceAll("_", " ")));
  }
}

function describe(fault) {
  const parts = [fault.kind.replaceAll("_", " ")];
  if (fault.kind === "refuse") parts.push(fault.code);
  if (fault.operation) parts.push("of " + fault.operation);
  if (fault.reference) parts.push(fault.reference);
  if (fault.call) parts.push("call " + fault.call);
  if (fault.times) parts.push(fault.times + "×");
  if (fault.probability < 1) parts.push(Math.round(fault.probability * 100) + " %");
  if (fault.seconds !== null) parts.push(fault.seconds + " s");
  return parts.join(", ");
}

const setFaults = guarded(async (wanted) => showFaults(await ask("PUT", "faults", wanted)));

function guarded(work) {
  return async (...given) => {
    try { await work(...given); $("trouble").textContent = ""; } catch (error) { $("trouble").textContent = error.message; }
  };
}

const look = guarded(async () => {
  const [found, books] = await Promise.all([ask("GET", "calls?after=" + last), ask("GET", "books?limit=" + SHOWN)]);
  calls.push(...found);
  calls.splice(0, Math.max(0, calls.length - 5 * SHOWN));
  if (found.length) { last = found.at(-1).number; showCalls(); }
  $("calls-count").textContent = books.calls;
  showBooks(books);
});

const options = (select, names) => select.append(...names.map((name) => Object.assign(make("option", name.replaceAll("_", " ")), { value: name })));
const form = $("new-fault");
options(form.kind, Object.keys(ABOUT));
options(form.operation, OPERATIONS);
options(form.code, CODES);
form.kind.onchange = () => { $("about").textContent = ABOUT[form.kind.value]; $("code-label").hidden = form.kind.value !== "refuse"; };
form.kind.onchange();
form.onsubmit = (event) => {
  event.preventDefault();
  const number = (name) => form[name].value === "" ? undefined : Number(form[name].value);
  setFaults([...faults, { kind: form.kind.value, operation: form.operation.value || undefined, reference: form.reference.value || undefined,
    times: number("times"), probability: number("probability"), seconds: number("seconds"), seed: number("seed"),
    code: form.kind.value === "refuse" ? form.code.value : undefined }]);
};
for (const button of document.querySelectorAll("[data-step]"))
  button.onclick = guarded(async () => { await ask("PUT", "clock", { advanceSeconds: Number(button.dataset.step) }); await look(); });
$("running").onclick = guarded(async () => { await ask("PUT", "clock", { running: !running }); await look(); });
$("maintenance").onchange = guarded(async () => { await ask("PUT", "maintenance", { on: $("maintenance").checked }); await look(); });
$("search").oninput = showCalls;
for (const tab of document.querySelectorAll(".tab")) tab.onclick = () => {
  for (const other of document.querySelectorAll(".tab")) { other.classList.toggle("on", other === tab); $(other.dataset.pane).hidden = other !== tab; }
};
(async () => {
  await guarded(async () => showFaults(await ask("GET", "faults")))();
  for (;;) { await look(); await new Promise((done) => setTimeout(done, 700)); }
})();
